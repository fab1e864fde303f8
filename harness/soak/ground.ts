import { randomUUID } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ground } from './campaign-process.ts';

/** The campaign that is killed when none is named. */
export const soakMatrix = join(import.meta.dirname, 'soak.yaml');

/** Its lock is that of the default matrix, whose environment is built in any case. */
const defaultLock = join(import.meta.dirname, '../../matrices/locks/quick/peft-0.21.2.json');

/** How a campaign is laid out beside its matrix. */
export interface GroundOptions {
  /** A results folder whose locks it starts with. */
  readonly locks?: string;
  /** Further words of its command line. */
  readonly words?: readonly string[];
}

/** A fresh place for a campaign below `folder`. */
export const layGround = async (
  folder: string,
  matrix: string,
  { locks, words = [] }: GroundOptions = {},
): Promise<Ground> => {
  const [results, scratch] = [join(folder, 'results'), join(folder, 'tmp')];
  await mkdir(scratch, { recursive: true });
  const kept = join(results, 'locks');
  if (matrix === soakMatrix) await cp(defaultLock, join(kept, 'soak', 'peft-0.21.2.json'));
  else if (locks !== undefined) await cp(join(locks, 'locks'), kept, { recursive: true }).catch(() => {});
  return { matrix, words, results, scratch, mark: randomUUID() };
};
