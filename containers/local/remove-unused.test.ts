import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { removeUnused, unfinished } from './remove-unused.ts';

const hour = 3_600_000;

let store: string;

beforeEach(async () => {
  store = await mkdtemp(join(tmpdir(), 'remove-unused-'));
  onTestFinished(() => rm(store, { recursive: true, force: true }));
});

const used = async (name: string, agoMs: number): Promise<void> => {
  await mkdir(join(store, name, 'content'), { recursive: true });
  const at = new Date(Date.now() - agoMs);
  await utimes(join(store, name), at, at);
};

test('what was not used for a week goes, but for the newest, and what killed processes left', async () => {
  await used('today', 0);
  await used('yesterday', 24 * hour);
  await used('old', 200 * hour);
  await used('older', 300 * hour);
  await used('.locks', 1_000 * hour);
  await used(`${unfinished}a`, 3 * hour);
  await used(`${unfinished}b`, hour);
  await removeUnused(store, { count: 3, writingMs: 2 * hour });
  expect((await readdir(store)).toSorted()).toEqual(['.locks', `${unfinished}b`, 'today', 'yesterday']);
  await used('old', 200 * hour);
  await removeUnused(store, { count: 4, writingMs: 2 * hour });
  expect(await readdir(store)).toContain('old');
});
