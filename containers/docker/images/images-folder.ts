import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheSubfolder } from '../../local/cache-folder.ts';
import { bareId } from './image-labels.ts';
import type { Stage } from './stages.ts';

/** The folder for what we note of images, made if need be: the engine does not tell when one was last used. */
export const openImages = async (): Promise<string> => {
  await cacheSubfolder(process.env, 'images', '.locks');
  return cacheSubfolder(process.env, 'images');
};

/** Shared by all that build images; who prunes them takes it alone. */
export const pruneLock = (folder: string): string => join(folder, '.locks', 'prune');

/** Held by the process that builds a stage. */
export const buildLock = (folder: string, { tag }: Stage): string =>
  join(folder, '.locks', `${tag.split(':')[1] ?? tag}.build`);

const usedMark = 'used';

/** Notes that an image is used now. */
export const markUsed = async (id: string): Promise<void> => {
  await writeFile(join(await notesOn(id), usedMark), '');
};

/** When an image was last used, as far as this machine knows; an ISO timestamp. */
export const lastUsed = async (id: string): Promise<string | undefined> => {
  try {
    const { mtime } = await stat(join(await notesOn(id), usedMark));
    return mtime.toISOString();
  } catch {
    return undefined;
  }
};

/** Forgets an image that is gone. */
export const forget = async (id: string): Promise<void> => {
  await rm(await notesOn(id), { recursive: true, force: true }).catch(() => {});
};

const notesOn = (id: string): Promise<string> => cacheSubfolder(process.env, 'images', bareId(id));
