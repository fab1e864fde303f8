import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { cacheSubfolder, type Variables } from '../local/cache-folder.ts';
import { findDevices } from './devices.ts';
import { LeaseBook, type FreeBytes, type LeaseSettings } from './leases.ts';

/** What a user may set of how devices are shared out. */
export type LeaseWishes = Partial<Pick<LeaseSettings, 'leastFreeBytes' | 'roomWaitMs' | 'shared'>>;

/** The context of a process on a device takes some 0.5 GB, a tiny model and its batch less than that. */
const leastFreeBytes = 2 * 1024 ** 3;

/** What a cell had is free again within a second; another program that ends takes a little longer. */
const roomWaitMs = 60_000;

/** The book that all processes of this user on this host share. */
export const hostLeases = async (variables: Variables, wishes: LeaseWishes = {}): Promise<LeaseBook> =>
  new LeaseBook({
    leastFreeBytes,
    roomWaitMs,
    shared: false,
    ...wishes,
    folder: await cacheSubfolder(variables, 'gpus'),
    host: await hostIdentity(),
    freeBytes: (signal) => freeOfHost(variables, signal),
  });

const freeOfHost = async (variables: Variables, signal: AbortSignal): Promise<FreeBytes> => {
  const devices = await findDevices(variables, signal);
  return new Map(
    devices.flatMap(({ uuid, freeBytes }) => (freeBytes === undefined ? [] : [[uuid, freeBytes] as const])),
  );
};

/** Containers of one host have several names and one kernel; machines with a common home folder are the other way round. */
const hostIdentity = async (): Promise<string> => {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
  return boot.trim().replaceAll(/[^\w.-]/g, '_');
};
