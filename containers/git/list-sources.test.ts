import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { listSources } from './list-sources.ts';

const { signal } = new AbortController();

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'list-sources-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});

const write = async (...paths: readonly string[]): Promise<void> => {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), '*.so\n');
  }
};

const list = (path = folder): Promise<readonly string[]> => listSources(path, signal);

test('all that is there, where there is no repository', async () => {
  await write('setup.py', 'peft/fast.so', '.github/x.yml');
  await symlink('nowhere', join(folder, 'link'));
  expect(await list()).toEqual(['.github/x.yml', 'link', 'peft/fast.so', 'setup.py']);
});

test('what git does not ignore, committed or not, and still there; of a repository within it all', async () => {
  await execa('git', ['init', '--quiet', folder]);
  await write('.gitignore', 'setup.py', 'gone.py', 'peft/über.c');
  await execa('git', ['-C', folder, 'add', '.']);
  await rm(join(folder, 'gone.py'));
  await write('peft/fast.so', 'new.py');
  await execa('git', ['init', '--quiet', join(folder, 'third-party')]);
  await write('third-party/more.c');
  expect(await list()).toEqual(['.gitignore', 'new.py', 'peft/über.c', 'setup.py', 'third-party/more.c']);
  expect(await list(join(folder, 'peft'))).toEqual(['über.c']);
});
