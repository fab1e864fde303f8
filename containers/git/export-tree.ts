import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheSubfolder } from '../local/cache-folder.ts';
import { keptFolder } from '../local/kept-folder.ts';
import { git } from './git.ts';
import type { Repository } from './repository.ts';

/**
 * The files of a commit as a folder of the cache, which nobody changes any more.
 *
 * Killed at any moment, it leaves a whole tree or none. Trees that were not used for a week go when there are many.
 */
export const exportTree = async (repository: Repository, hash: string, signal: AbortSignal): Promise<string> => {
  const store = await cacheSubfolder(process.env, 'trees', repository.id);
  return keptFolder(join(store, hash), keeping, async (attempt) => {
    const files = join(attempt, 'files');
    await mkdir(files);
    // Not `git archive`: it leaves out and rewrites what the attributes of the tree say.
    const call = {
      gitDir: repository.gitDir,
      workTree: files,
      variables: { GIT_INDEX_FILE: join(attempt, 'index') },
    };
    await git(['read-tree', hash], call, signal);
    await git(['checkout-index', '--all', '--force', '--quiet'], call, signal);
    return files;
  });
};

/** Of one repository: a few bisects' worth. A tree of PEFT takes some 25 MB, and a second to write. */
const keeping = { count: 40, writingMs: 3_600_000 };
