import { statSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { InfrastructureError } from '../../matrices/errors.ts';
import { guardLedger, openLedgerFile } from './ledger-file.ts';

/** Bytes on disk. */
export interface Compacted {
  readonly before: number;
  readonly after: number;
}

/**
 * Gives the room of what was pruned back to the disk, and puts the rest in order.
 *
 * @throws {InfrastructureError} When the disk has no room for a second copy, which it takes meanwhile, or a campaign runs.
 */
export const compactLedger = (path: string): Compacted => {
  using database = openLedgerFile(path);
  const before = sizeOf(path);
  const { bavail, bsize } = statfsSync(dirname(path));
  if (bavail * bsize < before) {
    throw new InfrastructureError(
      `The ledger ${path} cannot be compacted: that takes ${before} bytes more meanwhile, and ${bavail * bsize} are free. It was left as it is.`,
    );
  }
  guardLedger(path, () => database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE);'));
  return { before, after: sizeOf(path) };
};

const sizeOf = (path: string): number =>
  [path, `${path}-wal`].reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
