import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sweepTemporaries, temporaryName, writeAtomically } from './write-atomically.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'write-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a file is replaced whole, and nothing is left beside it', async () => {
  const path = join(folder, 'report.json');
  await writeAtomically(path, 'a longer text');
  await writeAtomically(path, 'short');
  await expect(readFile(path, 'utf8')).resolves.toBe('short');
  await expect(readdir(folder)).resolves.toEqual(['report.json']);
});

test("writers of the same file at the same time do not get in each other's way", async () => {
  const path = join(folder, 'checkpoint.json');
  const texts = Array.from({ length: 20 }, (_, index) => `${index}`.repeat(10_000));
  await Promise.all(texts.map((text) => writeAtomically(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  await expect(readdir(folder)).resolves.toEqual(['checkpoint.json']);
});

test('a file that cannot be replaced leaves nothing beside it', async () => {
  await mkdir(join(folder, 'report.json', 'in the way'), { recursive: true });
  await expect(writeAtomically(join(folder, 'report.json'), 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY/u);
  await expect(readdir(folder)).resolves.toEqual(['report.json']);
});

test('what a dead process left half written is swept, at any depth; what a living one writes stays', async () => {
  const { pid: dead } = await deadProcess();
  await mkdir(join(folder, 'campaigns', 'one'), { recursive: true });
  const mine = temporaryName(join(folder, 'latest'));
  await writeFile(mine, '');
  await writeFile(join(folder, 'campaigns', 'one', 'report.json'), '{}');
  await writeFile(join(folder, 'campaigns', 'one', `report.json.${dead}-1.tmp`), '{"half');
  await symlink('campaigns/one', join(folder, `latest.${dead}-1.tmp`));
  await sweepTemporaries(folder);
  const left = await readdir(folder, { recursive: true });
  expect(left.map((name) => join(folder, name)).toSorted()).toEqual(
    [
      join(folder, 'campaigns'),
      join(folder, 'campaigns/one'),
      join(folder, 'campaigns/one/report.json'),
      mine,
    ].toSorted(),
  );
});

const deadProcess = async (): Promise<{ readonly pid: number }> => {
  const child = execa(process.execPath, ['--eval', '']);
  const { pid } = child;
  await child;
  if (pid === undefined) throw new Error('no process could be started');
  return { pid };
};
