import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { readLock } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';

/** All locks below folders; one that is not there has none. Throws `InputError` when a file is not a lock. */
export const locksBelow = async (folders: readonly string[]): Promise<readonly Lock[]> => {
  const locks: Lock[] = [];
  for (const folder of folders) {
    const names = await readdir(folder, { recursive: true }).catch(() => []);
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const lock = await readLock(join(folder, name));
      if (lock !== undefined) locks.push(lock);
    }
  }
  return locks;
};

const versionsSchema = z.record(z.string(), z.string());

/** Whether a cell with these versions (JSON) may be of an environment with that lock. */
export const isLocked = (versions: string, { python, packages }: Lock): boolean =>
  Object.entries(versionsSchema.parse(JSON.parse(versions))).every(([name, version]) => {
    if (name === 'python') return version.startsWith(`${python}.`);
    // A lock has no local suffix such as `+cpu`.
    return version.split('+')[0] === packages[name]?.split('+')[0];
  });
