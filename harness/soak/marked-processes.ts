import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { markVariable } from './campaign-process.ts';

/** A process that belongs to a campaign. */
export interface MarkedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot; tells a process from a later one with the same number. */
  readonly startedAt: string;
  readonly command: string;
}

/** All living processes with the mark in their environment, however they came to be. Linux only. */
export const markedProcesses = async (mark: string): Promise<readonly MarkedProcess[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => readMarked(pid, mark)));
  return found.filter((process) => process !== undefined);
};

/** How long processes of a campaign may outlive it, in milliseconds. */
export const lingerLimitMs = 5_000;

/** How processes went. */
export interface Lingered {
  /** Until the last of them was gone, or the limit. */
  readonly ms: number;
  /** Those that were still there at the limit. */
  readonly left: readonly MarkedProcess[];
}

/** Waits until all of the processes are gone, at most `limitMs`. */
export const lingering = async (
  processes: readonly MarkedProcess[],
  mark: string,
  limitMs = lingerLimitMs,
): Promise<Lingered> => {
  const began = performance.now();
  for (;;) {
    const alive = new Set((await markedProcesses(mark)).map(nameOf));
    const left = processes.filter((process) => alive.has(nameOf(process)));
    const ms = performance.now() - began;
    if (left.length === 0 || ms >= limitMs) return { ms, left };
    await sleep(50);
  }
};

const nameOf = ({ pid, startedAt }: MarkedProcess): string => `${pid} ${startedAt}`;

const readMarked = async (pid: number, mark: string): Promise<MarkedProcess | undefined> => {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1');
    if (!environment.split('\0').includes(`${markVariable}=${mark}`)) return undefined;
    const [status, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile(`/proc/${pid}/cmdline`, 'latin1'),
    ]);
    // The second field, the name, may hold spaces and brackets; what follows its last bracket does not.
    const [state, parent, ...rest] = status.slice(status.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z') return undefined;
    return { pid, parent: Number(parent), startedAt: rest[17] ?? '', command: command.replaceAll('\0', ' ').trim() };
  } catch {
    // Gone meanwhile, or another user's.
    return undefined;
  }
};
