import { rename, rm, writeFile } from 'node:fs/promises';
import { InfrastructureError } from '../matrices/errors.ts';

/** Writes a file in one step: whoever reads it, or is killed meanwhile, finds the old text or the new one, whole. */
export const writeAtomically = async (path: string, text: string): Promise<void> => {
  const temporary = `${path}.${process.pid}`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

/** Does some writing below `path`. Throws `InfrastructureError`, with what to do, when the disk does not take it. */
export const orExplain = async (path: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = /ENOSPC|EDQUOT/.test(reason)
      ? 'the disk is full: free some space'
      : 'choose another folder with --results';
    throw new InfrastructureError(`Cannot write ${path}: ${reason}; ${remedy}`, { cause });
  }
};
