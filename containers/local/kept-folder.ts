import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { storageError } from './cache-folder.ts';
import { removeUnused, unfinished, type Keeping } from './remove-unused.ts';

/** Writes into a folder that is there for nothing else, and says what of it is to be kept. */
export type WriteFolder = (attempt: string) => Promise<string>;

/**
 * A folder of a store: as it is there, or as it is written now. Killed at any moment, it leaves a whole folder or none.
 *
 * @param path - A folder in the store, which is there.
 */
export const writtenOnce = async (path: string, write: WriteFolder): Promise<string> => {
  if (existsSync(path)) return path;
  const attempt = join(dirname(path), `${unfinished}${randomBytes(4).toString('hex')}`);
  try {
    await mkdir(attempt);
    await putInPlace(await write(attempt), path);
  } finally {
    await rm(attempt, { recursive: true, force: true });
  }
  return path;
};

/** The same in a store that is kept small: what was not used for a week goes when there is much. */
export const keptFolder = async (path: string, keeping: Keeping, write: WriteFolder): Promise<string> => {
  if (existsSync(path)) {
    const now = new Date();
    await utimes(path, now, now);
    return path;
  }
  await removeUnused(dirname(path), keeping);
  return writtenOnce(path, write);
};

/** Another process may have written the same meanwhile. */
const putInPlace = async (from: string, to: string): Promise<void> => {
  await rename(from, to).catch((error: unknown) => {
    if (!existsSync(to)) throw storageError(to, error);
  });
};
