import { readFileSync } from 'node:fs';

/** What a process holds, in bytes; Linux only. */
export interface ProcessMemory {
  /** All pages that it has in memory. */
  readonly resident: number;
  /** Its share of them: a page that n processes share counts as one nth. */
  readonly proportional: number;
  /** Pages that nobody else has. */
  readonly private: number;
}

/** Undefined when the process is gone. */
export const memoryOf = (pid: number): ProcessMemory | undefined => {
  const text = readProc(`/proc/${pid}/smaps_rollup`);
  if (text === undefined || text === '') return undefined;
  const bytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return {
    resident: bytes('Rss'),
    proportional: bytes('Pss'),
    private: bytes('Private_Clean') + bytes('Private_Dirty'),
  };
};

/** Processes that a process has started and not yet buried. */
export const childrenOf = (pid: number): readonly number[] =>
  (readProc(`/proc/${pid}/task/${pid}/children`) ?? '').trim().split(' ').filter(Boolean).map(Number);

/** CPU time that a process has used so far, user and system, in milliseconds; undefined when it is gone. */
export const cpuMsOf = (pid: number): number | undefined => {
  const fields = readProc(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');
  if (fields === undefined) return undefined;
  // Fields 14 and 15 of proc(5), in ticks, of which Linux shows a hundred a second on every architecture that we know.
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

const readProc = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};
