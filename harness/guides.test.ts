import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { parseMatrix } from '../matrices/matrix.ts';
import { readYaml } from '../matrices/read-yaml.ts';
import { root } from './fixtures/ci-files.ts';
import { helpOf } from './fixtures/command-help.ts';

/** What users read, by path from the root. */
const pages = new Map<string, string>();
for await (const path of glob(['README.md', 'docs/README.md', 'docs/guides/*.md'], { cwd: root })) {
  pages.set(path, await readFile(join(root, path), 'utf8'));
}

const blocks = (text: string, language: string): readonly string[] =>
  [...text.matchAll(/^```(?<name>\w+)\n(?<body>.*?)^```$/gmsu)]
    .filter(({ groups }) => groups?.['name'] === language)
    .map(({ groups }) => groups?.['body'] ?? '');

const all = (language: string): readonly (readonly [string, string])[] =>
  [...pages].flatMap(([path, text]) => blocks(text, language).map((block) => [path, block] as const));

describe('README and guides', () => {
  test('every matrix in them can be read', async () => {
    const catalogue = await loadCatalogue();
    const matrices = all('yaml').filter(([, block]) => /^version: 1$/mu.test(block));
    const pins = matrices.map(([path, block]) => parseMatrix(readYaml(Buffer.from(block), path), catalogue, root).pins);
    expect(pins.length).toBeGreaterThanOrEqual(5);
    expect(pins.every(({ length }) => length > 0)).toBe(true);
  });

  test('every command in them is one, with options that it has', async () => {
    const lines = all('sh').flatMap(([path, block]) => block.split('\n').map((line) => [path, line] as const));
    const commands = lines.flatMap(([path, line]) => {
      const found =
        /npx peft-matrix (?<command>[a-z-]+(?: (?:build|compact|export|import|list|merge|prune|remove|stats)\b)?)(?<rest>[^#]*)/u.exec(
          line,
        )?.groups;
      return found === undefined ? [] : [{ path, command: found['command'] ?? '', rest: found['rest'] ?? '' }];
    });
    expect(commands.length).toBeGreaterThan(20);
    for (const { path, command, rest } of commands) {
      const help = await helpOf(command);
      for (const [option] of rest.matchAll(/--[a-z-]+/gu)) expect(help, `${path}: ${command}${rest}`).toContain(option);
    }
  });

  test('every file that they link to is there', () => {
    const links = [...pages].flatMap(([path, text]) =>
      [...text.matchAll(/\]\((?!https?:|#)(?<target>[^)#]+)/gu)].map(({ groups }) =>
        join(dirname(path), groups?.['target'] ?? ''),
      ),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });
});
