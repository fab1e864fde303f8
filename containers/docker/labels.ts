import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** On everything of ours that an engine holds, so that what we left can be told from what is others'. */
export const ownLabel = 'peft-matrix';

/** On containers and half-built images: the process that they serve, as {@link processMark} writes it. */
export const processLabel = 'peft-matrix.process';

/**
 * Marks this process: host, boot or container, process id and its start time. Two processes never have the same one, and
 * whether the process is still there can be told on its own host.
 */
export const processMark = (): string => `${hostMark} ${process.pid} ${startOf(process.pid) ?? 'unknown'}`;

/** `gone` only when we are sure: the mark of another host, or one that we cannot read, is `unknown`. */
export const fateOf = (mark: string | undefined): 'alive' | 'gone' | 'unknown' => {
  const parts = /^(?<host>\S+) (?<pid>\d+) (?<start>\S+)$/.exec(mark ?? '')?.groups;
  if (parts?.['host'] !== hostMark || !isLinux) return 'unknown';
  return startOf(Number(parts['pid'])) === parts['start'] ? 'alive' : 'gone';
};

const isLinux = process.platform === 'linux';

/** Process ids mean something within one boot and one namespace of process ids only. */
const hostMarkOf = (): string => {
  if (!isLinux) return `${hostname()}:${randomUUID()}`;
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return `${boot}:${readlinkSync('/proc/self/ns/pid').replaceAll(/\D/g, '')}`;
};

const hostMark = hostMarkOf();

/** When a process started, in clock ticks since boot; undefined when there is none, or when it waits to be buried. */
const startOf = (pid: number): string | undefined => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
};
