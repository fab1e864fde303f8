import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { storageError } from './cache-folder.ts';

/**
 * Takes a lock between processes. The file stays, empty.
 *
 * SQLite's own file locks, of an empty database, are the locks of the operating system that Node does not offer: shared
 * or exclusive, and gone in the moment their process dies, also by `kill -9`. No process ids, no stale locks, no clock.
 *
 * @throws InfrastructureError when the file cannot be made or locked.
 */
export const lockFile = async (
  file: string,
  kind: 'shared' | 'exclusive',
  onWait: () => void,
  signal: AbortSignal,
): Promise<Disposable> => {
  for (let attempts = 0; ; attempts += 1) {
    signal.throwIfAborted();
    const lock = tryLockFile(file, kind);
    if (lock !== undefined) return lock;
    if (attempts === 0) onWait();
    await sleep(Math.min(50 * (attempts + 1), 500), undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};

/** The same without waiting: undefined when somebody else has it. */
export const tryLockFile = (file: string, kind: 'shared' | 'exclusive'): Disposable | undefined => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    if (kind === 'exclusive') database.exec('BEGIN EXCLUSIVE');
    // A transaction that has read holds its shared lock until it ends.
    else database.exec('BEGIN; SELECT count(*) FROM sqlite_master');
    return release(database);
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    throw storageError(file, error);
  }
};

const release = (database: DatabaseSync): Disposable => ({
  [Symbol.dispose]: () => {
    if (database.isOpen) database.close();
  },
});

const busy = 5;

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === busy;
