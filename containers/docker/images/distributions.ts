import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One installed package. */
export interface Distribution {
  /** Normalised (PEP 503). */
  readonly name: string;
  /** With its local part: `2.13.0+cpu`. */
  readonly version: string;
  /** Its files, relative to the folder of all packages. */
  readonly files: readonly string[];
}

/** What is installed in a folder; one that is not there holds nothing. */
export const readDistributions = async (folder: string): Promise<readonly Distribution[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = names.map((name) => /^(?<name>.+?)-(?<version>[^-]+)\.dist-info$/.exec(name)?.groups);
  return Promise.all(
    found
      .filter((groups) => groups !== undefined)
      .map(async ({ name = '', version = '' }) => ({
        name: name.toLowerCase().replaceAll(/[-_.]+/g, '-'),
        version,
        files: await recordedFiles(join(folder, `${name}-${version}.dist-info`)),
      })),
  );
};

/** The files that a RECORD lists: CSV of path, hash and size. */
const recordedFiles = async (info: string): Promise<readonly string[]> => {
  const record = await readFile(join(info, 'RECORD'), 'utf8');
  return record
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(',').slice(0, -2).join(',').replaceAll(/^"|"$/g, '').replaceAll('""', '"'));
};
