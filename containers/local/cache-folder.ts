import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InfrastructureError } from '../../matrices/errors.ts';
import { makeFolder } from './make-folder.ts';

/** Variables of a process, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** `$XDG_CACHE_HOME/peft-matrix`; a relative `XDG_CACHE_HOME` is ignored, as its specification asks. */
export const cacheFolder = (variables: Variables): string => {
  const chosen = variables['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(chosen) ? chosen : join(variables['HOME'] ?? homedir(), '.cache'), 'peft-matrix');
};

/** A folder of the cache, made if it is not there. Throws `InfrastructureError` with what to do. */
export const cacheSubfolder = async (variables: Variables, ...names: readonly string[]): Promise<string> => {
  const folder = join(cacheFolder(variables), ...names);
  await makeFolder(folder).catch((error: unknown) => {
    throw storageError(folder, error);
  });
  return folder;
};

/** The error for a cache that cannot be written, in plain words. */
export const storageError = (folder: string, cause: unknown): InfrastructureError => {
  const words = cause instanceof Error ? cause.message : String(cause);
  return new InfrastructureError(
    `${storageTrouble(words) ?? 'The cache cannot be used'}: ${folder}\n${words}\n${remedy}`,
    {
      cause,
    },
  );
};

/** What a tool's words say about the disk, or undefined when they say nothing about it. */
export const storageTrouble = (words: string): string | undefined =>
  troubles.find(([pattern]) => pattern.test(words))?.[1];

const remedy =
  'Free some space (`peft-matrix env prune`), or set XDG_CACHE_HOME to a folder on a local disk that can be written.';

const troubles: readonly (readonly [RegExp, string])[] = [
  [/ENOSPC|no space left|os error 28\b/i, 'The disk is full'],
  [/EDQUOT|quota exceeded|os error 122\b/i, 'The disk quota is used up'],
  [/EROFS|read-only file system|os error 30\b/i, 'The cache is on a read-only file system'],
  [/EACCES|EPERM|permission denied|os error 13\b/i, 'The cache may not be written'],
  [/ENOTDIR|EEXIST|not a directory/i, 'Something that is no folder is in the way of the cache'],
];
