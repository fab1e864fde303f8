import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { InputError } from '../../matrices/errors.ts';
import { checkOut } from './check-out.ts';
import { emptyRepository, writeHistory } from './fixtures/made-up-history.ts';
import { git } from './git.ts';

const { signal } = new AbortController();
const telling = { onStep: () => {}, onWarning: () => {} };

/** Somebody's repository. */
let gitDir: string;
let hashes: readonly string[];

beforeEach(async () => {
  const cache = await mkdtemp(join(tmpdir(), 'check-out-'));
  onTestFinished(() => rm(cache, { recursive: true, force: true }));
  vi.stubEnv('XDG_CACHE_HOME', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
  ({ gitDir } = await emptyRepository(onTestFinished));
  hashes = await writeHistory({ gitDir }, [
    { parents: [], files: { which: 'first' }, at: '2026-03-01T10:00:00Z' },
    { parents: [0], files: { which: 'late' }, at: '2026-03-02T23:59:59Z' },
    { parents: [1], files: { which: 'next day' }, at: '2026-03-03T00:00:00Z' },
  ]);
  await git(['update-ref', 'refs/tags/v2', hashes[2] ?? ''], { gitDir }, signal);
});

const get = async (commit: string, asOf?: string): Promise<string> => {
  const { path } = await checkOut({ package: 'peft', commit, git: gitDir }, asOf, telling, signal);
  return readFile(join(path, 'which'), 'utf8');
};

test('a branch is what it is now, also after it has moved on', async () => {
  expect(await get('main')).toBe('next day');
  await writeHistory({ gitDir }, [{ parents: [], files: { which: 'moved' }, at: '2026-03-04T10:00:00Z' }]);
  expect(await get('main')).toBe('moved');
});

test('as of a day, a branch is what it was when that day was over', async () => {
  expect(await get('main', '2026-03-03')).toBe('next day');
  expect(await get('main', '2026-03-02')).toBe('late');
  expect(await get('main', '2026-03-01')).toBe('first');
  await expect(get('main', '2026-02-28')).rejects.toThrow(/main of .* is of 2026-03-03, which is after asOf/u);
});

test('a tag or a commit that is younger than the day is not replaced by another', async () => {
  expect(await get('v2', '2026-03-03')).toBe('next day');
  expect(await get(hashes[0] ?? '', '2026-03-01')).toBe('first');
  await expect(get('v2', '2026-03-02')).rejects.toThrow(InputError);
  await expect(get(hashes[2] ?? '', '2026-03-02')).rejects.toThrow(InputError);
});

test('a commit that there is not is refused', async () => {
  await expect(get('nowhere')).rejects.toThrow('has no tag, branch or commit nowhere');
});
