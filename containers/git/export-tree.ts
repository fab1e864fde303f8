import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheSubfolder, storageError } from '../local/cache-folder.ts';
import { removeUnused, unfinished } from '../local/remove-unused.ts';
import { git } from './git.ts';
import type { Repository } from './repository.ts';

/**
 * The files of a commit as a folder of the cache, which nobody changes any more.
 *
 * Killed at any moment, it leaves a whole tree or none. Trees that were not used for a week go when there are many.
 */
export const exportTree = async (repository: Repository, hash: string, signal: AbortSignal): Promise<string> => {
  const store = await cacheSubfolder(process.env, 'trees', repository.id);
  const path = join(store, hash);
  const now = new Date();
  if (existsSync(path)) {
    await utimes(path, now, now);
    return path;
  }
  await removeUnused(store, keeping);
  const attempt = join(store, `${unfinished}${randomBytes(4).toString('hex')}`);
  const files = join(attempt, 'files');
  try {
    await mkdir(files, { recursive: true });
    // Not `git archive`: it leaves out and rewrites what the attributes of the tree say.
    const call = {
      gitDir: repository.gitDir,
      workTree: files,
      variables: { GIT_INDEX_FILE: join(attempt, 'index') },
    };
    await git(['read-tree', hash], call, signal);
    await git(['checkout-index', '--all', '--force', '--quiet'], call, signal);
    await putInPlace(files, path);
  } finally {
    await rm(attempt, { recursive: true, force: true });
  }
  return path;
};

/** Another process may have written the same meanwhile. */
const putInPlace = async (from: string, to: string): Promise<void> => {
  await rename(from, to).catch((error: unknown) => {
    if (!existsSync(to)) throw storageError(to, error);
  });
};

/** Of one repository: a few bisects' worth. A tree of PEFT takes some 25 MB, and a second to write. */
const keeping = { count: 40, writingMs: 3_600_000 };
