import { readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** A file of this machine, and where it belongs. */
export interface PackedFile {
  /** With `/`, relative. */
  readonly path: string;
  readonly source: string;
  readonly executable: boolean;
}

/** All files below a folder; none when there is no such folder. Links are followed: what they lead to is packed. */
export const listFiles = async (folder: string): Promise<readonly PackedFile[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  const files = await Promise.all(
    entries.map(async ({ parentPath, name }) => {
      const source = join(parentPath, name);
      const found = await stat(source);
      const path = posix.normalize(source.slice(folder.length + 1).replaceAll('\\', '/'));
      return found.isFile() ? [{ path, source, executable: (found.mode & 0o111) !== 0 }] : [];
    }),
  );
  return files.flat();
};
