import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectEngine } from '../../containers/docker/engine.ts';
import { baseImage } from '../../containers/docker/fixtures/stand-in.ts';
import { discardImage, smallLock } from '../../containers/docker/images/fixtures/images.ts';
import { cacheFolder } from '../../containers/local/cache-folder.ts';
import { formatLock, lockId } from '../../matrices/lock.ts';
import { openWorkplace, type Workplace } from '../fixtures/command-line.ts';

const matrix = `version: 1
name: small
pins:
  - { peft: '0.18.0', python: '3.11', device: cpu }
axes:
  adapter: [lora]
`;

/** Answers that pin, without torch's gigabyte: nothing is run. */
const lock = smallLock({ peft: '0.18.0' });

/** Packages and locks between processes are the real ones: other tests build images at the same time. */
const variables = { XDG_CACHE_HOME: dirname(cacheFolder(process.env)) };

const withMatrix = async (): Promise<Workplace> => {
  const workplace = await openWorkplace();
  await mkdir(join(workplace.folder, 'locks/small'), { recursive: true });
  await workplace.write('locks/small/peft-0.18.0.json', formatLock(lock));
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
    const tag = /peft-matrix\/lock:[0-9a-f-]+/.exec(first.stdout)?.[0] ?? '';
    onTestFinished(async () => discardImage(await connectEngine(), tag));
    expect(first.exitCode).toBe(0);
    expect(tag).toMatch(new RegExp(`:${lockId(lock)}-`));
    expect(first.stdout).toMatch(/^peft-0\.18\.0 {2}\S+ {2}\d+ MB, \d+ MB new {2}\d+\.\d s\n$/);
    expect(first.stderr).toContain('peft-0.18.0: installing peft 0.18.0\n');
    const second = await run(build, variables);
    expect(second.stdout).toMatch(/ {2}\d+ MB, there already {2}\d+\.\d s\n$/);

    const list = await run(['images', 'list'], variables);
    expect(list.stdout).toMatch(
      new RegExp(
        `^${tag} {2}peft 0\\.18\\.0 {2}torch - .*python 3\\.11 {2}on ${baseImage} .* its own {2}last used`,
        'm',
      ),
    );
    const json: unknown = JSON.parse((await run(['images', 'list', '--json'], variables)).stdout);
    expect(json).toContainEqual(expect.objectContaining({ tag, lock: lockId(lock), packages: { peft: '0.18.0' } }));
  });

  test('that cannot be built are an infrastructure error, with what to do', async () => {
    const { run } = await withMatrix();
    const { exitCode, stderr } = await run(
      ['images', 'build', 'small.yaml', '--base-image', '127.0.0.1:1/python:{python}'],
      variables,
    );
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^peft-0\.18\.0: The base image 127\.0\.0\.1:1\/python:3\.11 cannot be had\./m);
    expect(stderr).toContain('npm run base-image');
  });
});
