import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and what of its path is missing.
 *
 * One by one: a recursive `mkdir` says ENOENT for whatever keeps it from making the first folder, and where the file
 * system itself says ENOENT, as below /proc, it tries for ever.
 *
 * @throws the reason of the file system, for the outermost folder that cannot be made.
 */
export const makeFolder = async (folder: string): Promise<void> => {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch(async (error: unknown) => {
    // Another process may have made it meanwhile.
    if (!(await isFolder(folder))) throw error;
  });
};

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
