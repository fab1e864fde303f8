import { randomUUID } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ground } from './campaign-process.ts';

/** The campaign that is killed when none is named. */
export const soakMatrix = join(import.meta.dirname, 'soak.yaml');

/** Its lock is that of the default matrix, whose environment is built in any case. */
const defaultLock = join(import.meta.dirname, '../../matrices/locks/quick/peft-0.21.2.json');

/** A fresh place for a campaign below `folder`. `locks`: a results folder whose locks it starts with. */
export const layGround = async (folder: string, matrix: string, locks?: string): Promise<Ground> => {
  const [results, scratch] = [join(folder, 'results'), join(folder, 'tmp')];
  await mkdir(scratch, { recursive: true });
  const kept = join(results, 'locks');
  if (matrix === soakMatrix) await cp(defaultLock, join(kept, 'soak', 'peft-0.21.2.json'));
  else if (locks !== undefined) await cp(join(locks, 'locks'), kept, { recursive: true }).catch(() => {});
  return { matrix, results, scratch, mark: randomUUID() };
};
