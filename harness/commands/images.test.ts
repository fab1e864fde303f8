import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { quickLock } from '../../containers/docker/fixtures/quick-image.ts';
import { baseImage } from '../../containers/docker/fixtures/stand-in.ts';
import { cacheFolder } from '../../containers/local/cache-folder.ts';
import { formatLock, lockId } from '../../matrices/lock.ts';
import { openWorkplace, type Workplace } from '../fixtures/command-line.ts';

const matrix = `version: 1
name: small
pins:
  - { peft: '0.21.2', python: '3.11', torch: '2.13.0', device: cpu, asOf: 2026-11-20 }
axes:
  adapter: [lora]
`;

/** Packages and locks between processes are the real ones: other tests build images at the same time. */
const variables = { XDG_CACHE_HOME: dirname(cacheFolder(process.env)) };

const withMatrix = async (): Promise<Workplace> => {
  const workplace = await openWorkplace();
  await mkdir(join(workplace.folder, 'locks/small'), { recursive: true });
  await workplace.write('locks/small/peft-0.21.2.json', formatLock(await quickLock()));
  await workplace.write('small.yaml', matrix);
  return workplace;
};

describe('images', () => {
  test('prune wants to be told what', async () => {
    const { complaint } = await openWorkplace();
    await expect(complaint(['images', 'prune'])).resolves.toMatchInlineSnapshot(`
      "peft-matrix: images prune: say what to remove: --all or --days N
      [exit 2]"
    `);
    await expect(complaint(['images', 'prune', '--days', '-1'])).resolves.toMatchInlineSnapshot(`
      "peft-matrix: images prune: --days -1 is not 0 or more
      [exit 2]"
    `);
  });
});

describe('images of an engine', { tags: ['docker'] }, () => {
  test('are built, listed, and built once', async () => {
    const { run } = await withMatrix();
    const build = ['images', 'build', 'small.yaml', '--base-image', baseImage.replace('3.11', '{python}')];
    const first = await run(build, variables);
    // What other tests need too stays; they may have built it before.
    expect(first.stdout).toMatch(
      /^peft-0\.21\.2 {2}peft-matrix\/lock:\S+ {2}\d+ MB, (?:\d+ MB new|there already) {2}\d+\.\d s\n?$/,
    );
    const tag = /peft-matrix\/lock:\S+/.exec(first.stdout)?.[0] ?? '';
    const lock = await quickLock();
    expect(tag).toMatch(new RegExp(`:${lockId(lock)}-[0-9a-f]{12}$`));
    const second = await run(build, variables);
    expect(second.stdout).toMatch(new RegExp(`^peft-0\\.21\\.2 {2}${tag} {2}\\d+ MB, there already {2}`));

    const list = await run(['images', 'list'], variables);
    const line = list.stdout.split('\n').find((one) => one.startsWith(`${tag} `));
    expect(line).toMatch(
      / {2}peft 0\.21\.2 {2}torch 2\.13\.0\S* .* python 3\.11 {2}on \S+ .* its own {2}(?:last used|in use)/,
    );
    const json: unknown = JSON.parse((await run(['images', 'list', '--json'], variables)).stdout);
    expect(json).toContainEqual(expect.objectContaining({ tag, lock: lockId(lock), python: '3.11', device: 'cpu' }));
  });

  test('that cannot be built are an infrastructure error, with what to do', async () => {
    const { run } = await withMatrix();
    const { exitCode, stderr } = await run(
      ['images', 'build', 'small.yaml', '--base-image', '127.0.0.1:1/python:{python}'],
      variables,
    );
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^peft-0\.21\.2: The base image 127\.0\.0\.1:1\/python:3\.11 cannot be had\./m);
    expect(stderr).toContain('npm run base-image');
  });
});
