import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * Whether a process has the file of a ledger open: while one has, SQLite does not give up the write-ahead log.
 * https://sqlite.org/wal.html#persistence_of_wal_mode
 *
 * Changes the mode of the file, for which it is opened the next time as it was; of a damaged one it says no.
 */
export const isLedgerInUse = (path: string): boolean => {
  if (!existsSync(path)) return false;
  using database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    return false;
  } catch (error) {
    return error instanceof Error && /database is locked/.test(error.message);
  }
};
