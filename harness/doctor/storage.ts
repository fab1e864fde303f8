import { access, constants, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { cacheFolder } from '../../containers/local/cache-folder.ts';
import type { Variables } from '../../containers/local/cache-folder.ts';
import type { Finding } from '../../reports/machine-findings.ts';
import { gigabytes } from './gigabytes.ts';

/** Of four environments that share one torch: with a CPU build of it, and with the one that brings CUDA along. */
const leastBytes = 2e9;
const enoughBytes = 8e9;

/** The folder in which environments are kept: can it be written, and is there room. */
export const inspectStorage = async (variables: Variables, environmentsAreBuilt: boolean): Promise<Finding> => {
  const folder = cacheFolder(variables);
  const base = { id: 'cache', title: 'Cache', status: 'problem' } as const;
  const remedy = 'Set XDG_CACHE_HOME to a folder on a local disk that can be written.';
  try {
    const existing = await nearestFolder(folder);
    const { bavail, bsize } = await statfs(existing);
    const free = bavail * bsize;
    const says = `${folder}: ${gigabytes(free)} free`;
    await access(existing, constants.W_OK);
    if (free >= enoughBytes || environmentsAreBuilt) return { ...base, status: 'ok', says };
    const advice = `Environments take 2 to 8 GB. Free some space (peft-matrix env prune), or: ${remedy}`;
    return { ...base, status: free >= leastBytes ? 'warning' : 'problem', says, remedy: advice };
  } catch (error) {
    return { ...base, says: `${folder} cannot be written: ${String(error)}`, remedy };
  }
};

/** The folder itself, or what of its path is there: the rest would be made. */
const nearestFolder = async (folder: string): Promise<string> => {
  try {
    await access(folder);
    return folder;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing || dirname(folder) === folder) throw error;
    return nearestFolder(dirname(folder));
  }
};
