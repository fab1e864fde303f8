import { lstat, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { tryGit } from './git.ts';

/**
 * The files of a source tree that is worked in, as sorted paths relative to it: where it is in a git repository, those that
 * git does not ignore, so that nothing that an earlier build left is taken for a source; elsewhere all.
 */
export const listSources = async (tree: string, signal: AbortSignal): Promise<readonly string[]> => {
  // The repository may be somebody else's, as in a container: nothing of it is run.
  const words = ['-C', tree, '-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { ok, stdout } = await tryGit(words, {}, signal);
  const listed = ok ? stdout.split('\0').filter((path) => path !== '') : await listAll(tree);
  const sources = await Promise.all(listed.map((path) => filesAt(tree, path)));
  return [...new Set(sources.flat())].toSorted();
};

/** A file that git knows may be deleted; a repository within the repository is one entry, a folder. */
const filesAt = async (tree: string, path: string): Promise<readonly string[]> => {
  const found = await lstat(join(tree, path)).catch(() => undefined);
  if (found === undefined) return [];
  return found.isDirectory() ? (await listAll(join(tree, path))).map((name) => join(path, name)) : [path];
};

const listAll = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split('/').includes('.git'));
};
