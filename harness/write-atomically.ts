import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InfrastructureError } from '../matrices/errors.ts';

/** Writes a file in one step: whoever reads it, or is killed meanwhile, finds the old text or the new one, whole. */
export const writeAtomically = async (path: string, text: string): Promise<void> => {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
};

/** What a file is called until it is whole; never the same twice, for two may be writing it. */
export const temporaryName = (path: string): string => {
  written += 1;
  return `${path}.${process.pid}-${written}.tmp`;
};

let written = 0;

/** Removes what processes that were killed while they wrote left below a folder. */
export const sweepTemporaries = async (folder: string): Promise<void> => {
  const names = await readdir(folder, { recursive: true });
  for (const name of names) {
    const pid = /\.(?<pid>\d+)-\d+\.tmp$/.exec(name)?.groups?.['pid'];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { force: true });
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, and another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
};

/** Does some writing below `path`. Throws `InfrastructureError`, with what to do, when the disk does not take it. */
export const orExplain = async (
  path: string,
  work: () => Promise<void>,
  otherwise = 'choose another folder with --results',
): Promise<void> => {
  try {
    await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = /ENOSPC|EDQUOT/.test(reason) ? 'the disk is full: free some space' : otherwise;
    throw new InfrastructureError(`Cannot write ${path}: ${reason}; ${remedy}`, { cause });
  }
};
