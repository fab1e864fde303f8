import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveHistory } from '../containers/git/archive-history.ts';
import { bisectSchema } from '../reports/bisect-model.ts';
import { parseReportJson } from '../reports/report-json.ts';
import { commandLineIn, type Ended } from './fixtures/command-line.ts';
import { neverAborted } from './interruption.ts';

/** psutil is written in C, transformers imports it, and no cell tells its version unless asked to. */
const release = '7.2.2';

let folder: string;
let clone: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bisect-compiled-'));
  clone = join(folder, 'psutil');
  const telling = { onStep: () => {}, onWarning: () => {} };
  const { gitDir } = await archiveHistory('psutil', [release], telling, neverAborted);
  await execa('git', ['clone', '--quiet', '--branch', `v${release}`, gitDir, clone]);
  await git('switch', '--quiet', '--create', 'main');
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** On a day that the matrix looks at. */
const git = (...words: readonly string[]): Promise<unknown> =>
  execa('git', ['-C', clone, '-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...words], {
    env: { GIT_COMMITTER_DATE: '2026-11-19T12:00:00Z' },
  });

/** Changes a file of psutil, and commits that. */
const commit = async (title: string, file: string, change: (text: string) => string): Promise<void> => {
  const path = join(clone, file);
  const before = await readFile(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  await writeFile(path, after);
  await git('commit', '--quiet', '--all', '--message', title);
};

const peftMatrix = (...words: readonly string[]): Promise<Ended> => commandLineIn(folder, ...words);

const constant = (value: number): string =>
  `if (PyModule_AddIntConstant(mod, "PLANTED", ${value}))\n        return NULL;\n    `;

test(
  'a failure that a package in C brought is traced to the commit, each of them built',
  async () => {
    const c = 'psutil/_psutil_linux.c';
    const duplex = 'if (PyModule_AddIntConstant(mod, "DUPLEX_HALF"';
    await commit('Add a constant', c, (text) => text.replace(duplex, `${constant(0)}${duplex}`));
    await commit('Use it', 'psutil/__init__.py', (text) =>
      [text, 'if _psplatform.cext.PLANTED:', '    import torch', '    torch.nn.init.zeros_ = None', ''].join('\n'),
    );
    await commit('Slip', c, (text) => text.replace('return mod;', 'return mod'));
    await commit('Mend the slip', c, (text) => text.replace('return mod\n', 'return mod;\n'));
    await commit('Set the constant', c, (text) => text.replace(constant(0), constant(1)));
    await commit('Tidy up', c, (text) => `${text}\n/* The end. */\n`);
    const matrix = [
      'version: 1',
      'name: compiled',
      'asOf: 2026-11-20',
      "pins: [{ peft: '0.21.2', python: '3.11', torch: '2.13.0', tree: { package: psutil, commit: main, git: psutil } }]",
      'axes: { adapter: [lora] }',
      'strength: 1',
      'budget: { cells: 4 }',
    ];
    await writeFile(join(folder, 'compiled.yaml'), matrix.join('\n'));
    expect(await peftMatrix('run', 'compiled.yaml', '--quiet')).toMatchObject({ exitCode: 1 });
    const report = parseReportJson(await readFile(join(folder, '.peft-matrix/latest/report.json'), 'utf8'));
    expect(report.failures).toMatchObject([{ exception: 'TypeError' }]);
    const id = report.failures[0]?.id ?? '';
    const found = await peftMatrix('bisect', id, '--json', '--quiet');
    expect(found.stderr).toBe('');
    const { culprits } = bisectSchema.parse(JSON.parse(found.stdout));
    expect(culprits).toMatchObject([{ kind: 'introduced', package: 'psutil', before: release }]);
    // It calls itself as the release does that it comes after.
    expect(culprits[0]?.after).toMatch(/^7\.2\.2\+git\.[0-9a-f]{10}$/u);
    expect(culprits[0]?.commits).toMatchObject({ candidates: [{ title: 'Set the constant' }] });
    const entry = await peftMatrix('bisect', id, '--known-issue', '--quiet');
    expect(entry.stdout).toContain("versions: {psutil: '>7.2.2'}");
    expect(await peftMatrix('bisect', id, '--package', 'transformers', '--find-fix')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/was found with psutil as the commit .* leave out --package, --find-fix$/u),
    });
    // The package is that of the pin, and the folder is built as it is.
    expect(await peftMatrix('bisect', id, '--tree', clone, '--quiet')).toMatchObject({ exitCode: 1 });
    await git('checkout', '--quiet', 'HEAD~2');
    expect(await peftMatrix('bisect', id, '--tree', clone, '--quiet')).toMatchObject({ exitCode: 0, stdout: 'good' });
  },
  15 * 60_000,
);
