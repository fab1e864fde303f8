import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cacheFolder, cacheSubfolder, storageError, storageTrouble } from './cache-folder.ts';

test('the cache lies where XDG says, and under the home when it says nothing of use', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/peft-matrix');
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative', HOME: '/h' })).toBe('/h/.cache/peft-matrix');
  expect(cacheFolder({ HOME: '/h' })).toBe('/h/.cache/peft-matrix');
});

test('a folder of the cache is made, and made again', async () => {
  const root = await mkdtemp(join(tmpdir(), 'cache-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const variables = { XDG_CACHE_HOME: root };
  const first = await cacheSubfolder(variables, 'a', 'b');
  await expect(cacheSubfolder(variables, 'a', 'b')).resolves.toBe(first);
});

test('a file in the way is called that, with what to do', async () => {
  const made = cacheSubfolder({ XDG_CACHE_HOME: import.meta.filename }, 'a');
  await expect(made).rejects.toThrow(/^Something that is no folder is in the way of the cache: [^]*set XDG_CACHE_HOME/);
});

test.each([
  ['failed to write to file: No space left on device (os error 28)', 'The disk is full'],
  ['ENOSPC: no space left on device, write', 'The disk is full'],
  ['Disk quota exceeded (os error 122)', 'The disk quota is used up'],
  ['EROFS: read-only file system, mkdir', 'The cache is on a read-only file system'],
  ['Permission denied (os error 13)', 'The cache may not be written'],
  ['No solution found when resolving dependencies', undefined],
])('%s: %s', (words, trouble) => {
  expect(storageTrouble(words)).toBe(trouble);
  expect(storageError('/x', words).message).toContain(trouble ?? 'The cache cannot be used');
});
