import { constants, existsSync } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and what of its path is missing.
 *
 * @throws the reason of the file system; the real one: a recursive `mkdir` says ENOENT for whatever keeps it from making
 *   the first folder.
 */
export const makeFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true }).catch(async (error: unknown) => {
    throw await realReason(folder, error);
  });
};

const realReason = async (folder: string, error: unknown): Promise<unknown> => {
  let parent = folder;
  while (!existsSync(parent)) parent = dirname(parent);
  return access(parent, constants.W_OK).then(
    () => error,
    (reason: unknown) => reason,
  );
};
