import { dirname, join } from 'node:path';
import { makeFolder } from '../containers/local/make-folder.ts';
import { InputError } from '../matrices/errors.ts';
import { orExplain, writeAtomically } from './write-atomically.ts';
import { pathKind } from './path-kind.ts';

/**
 * Writes files below a folder, by their names in it, each in one step; makes the folders that are missing.
 *
 * @param option - The one that named the folder.
 * @throws {InputError} When the folder is a file.
 * @throws {InfrastructureError} When something cannot be written.
 */
export const writeFiles = async (
  folder: string,
  files: Readonly<Record<string, string>>,
  option = '--output',
): Promise<void> => {
  if (pathKind(folder) === 'file') {
    throw new InputError(`${option} ${folder}: it is a file, not a folder`);
  }
  await orExplain(
    folder,
    async () => {
      await makeFolder(folder);
      for (const [name, text] of Object.entries(files)) {
        const path = join(folder, name);
        await makeFolder(dirname(path));
        await writeAtomically(path, text);
      }
    },
    `choose another path with ${option}`,
  );
};
