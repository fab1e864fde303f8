import { mkdirSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { InfrastructureError, InputError, PeftMatrixError } from '../../matrices/errors.ts';

/** Raise when older code would misread the tables; a file of another version is refused with words, never converted. */
const schemaVersion = 1;

const schema = `
  CREATE TABLE IF NOT EXISTS observations (
    key TEXT NOT NULL,
    cold INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    identity TEXT NOT NULL,
    observation TEXT NOT NULL,
    provenance TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (key, cold, attempt)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS handshakes (
    source TEXT NOT NULL PRIMARY KEY,
    hello TEXT NOT NULL,
    seen_at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS failures (
    id TEXT NOT NULL PRIMARY KEY,
    record TEXT NOT NULL,
    seen_at TEXT NOT NULL
  ) STRICT;
`;

/**
 * Came later, and older code does not miss them: made where they are not there, under the same version.
 *
 * `further` holds what other machines saw of an attempt that `observations` has already. `uses` says which campaign stands
 * on which cells.
 */
const laterTables = `
  CREATE TABLE IF NOT EXISTS further (
    key TEXT NOT NULL,
    cold INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    digest TEXT NOT NULL,
    identity TEXT NOT NULL,
    observation TEXT NOT NULL,
    provenance TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (key, cold, attempt, digest)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS campaigns (
    id TEXT NOT NULL PRIMARY KEY,
    matrix TEXT NOT NULL,
    used_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS uses (
    campaign TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (campaign, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS shards (
    campaign TEXT NOT NULL,
    shard TEXT NOT NULL,
    record TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (campaign, shard)
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Opens the file of a ledger, and makes it where there is none.
 *
 * @param checkedBytes - A larger file is not looked through for damage beforehand.
 * @throws {InfrastructureError} When it is damaged, of another version, or cannot be read and written.
 */
export const openLedgerFile = (path: string, checkedBytes = defaultCheckedBytes): DatabaseSync =>
  guardLedger(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: 30_000 });
    try {
      prepareTables(database, path, checkedBytes);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });

/**
 * Opens somebody's ledger and leaves it as it is. It may lack the later tables.
 *
 * @throws {InputError} When it is no ledger.
 * @throws {InfrastructureError} When it is damaged, of another version, or cannot be read.
 */
export const openToRead = (path: string): DatabaseSync =>
  guardLedger(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: 30_000 });
    try {
      if (!isDatabase(database) || checkTables(database, path, defaultCheckedBytes) === 0) {
        throw new InputError(`${path}: it is no ledger, or its beginning is damaged. Nothing of it was taken in`);
      }
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });

const isDatabase = (database: DatabaseSync): boolean => {
  try {
    ask(database, 'PRAGMA user_version');
    return true;
  } catch (error) {
    if (error instanceof Error && /not a database/.test(error.message)) return false;
    throw error;
  }
};

/** Looks before it writes: a file that is damaged or not ours stays as it is. */
const prepareTables = (database: DatabaseSync, path: string, checkedBytes: number): void => {
  const found = checkTables(database, path, checkedBytes);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  if (found === 0) database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
  database.exec(laterTables);
};

/**
 * So large a file is read as a whole when it is opened, in a fraction of a second. Of a larger one damage is found where it is
 * read or written: gigabytes would be gone through for every command.
 */
const defaultCheckedBytes = 256e6;

/** Returns the version of its tables: 0 of a file that has none yet. */
const checkTables = (database: DatabaseSync, path: string, checkedBytes: number): number => {
  const found = Number(ask(database, 'PRAGMA user_version') ?? 0);
  if (found !== 0 && found !== schemaVersion) {
    throw new InfrastructureError(
      `The ledger ${path} was written by another version of peft-matrix (tables of version ${found}, this one reads ${schemaVersion}). ` +
        'It was left as it is. Use that version, move the file away, or choose another folder with --results.',
    );
  }
  const bytes = Number(ask(database, 'PRAGMA page_count')) * Number(ask(database, 'PRAGMA page_size'));
  if (bytes > checkedBytes) return found;
  const health = ask(database, 'PRAGMA quick_check(1)');
  if (health !== 'ok') throw new Error(`malformed: ${String(health).replaceAll(/\s+/g, ' ')}`);
  return found;
};

/** The single value that a statement answers with. */
export const ask = (database: DatabaseSync, statement: string): unknown =>
  Object.values(database.prepare(statement).get() ?? {})[0];

/** Does something with a ledger; what SQLite throws becomes words that say what to do. */
export const guardLedger = <T>(path: string, work: () => T): T => {
  try {
    return work();
  } catch (cause) {
    throw explainLedgerError(path, cause);
  }
};

const explainLedgerError = (path: string, cause: unknown): unknown => {
  if (cause instanceof PeftMatrixError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (/full|ENOSPC/i.test(reason) || (/disk I\/O/.test(reason) && isFull(dirname(path)))) {
    return new InfrastructureError(
      `The ledger ${path} cannot be written: the disk is full. What it holds is safe; free some space and run again.`,
      { cause },
    );
  }
  if (/not a database|malformed|corrupt/i.test(reason)) return damagedLedger(path, cause);
  return new InfrastructureError(
    `The ledger ${path} cannot be used: ${reason}; see that it can be written, or choose another folder with --results`,
    { cause },
  );
};

export const damagedLedger = (path: string, cause: unknown): InfrastructureError => {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new InfrastructureError(
    `The ledger ${path} is damaged (${reason}). It was left as it is. ` +
      `Put a copy back, or move it away ("mv ${path} ${path}.damaged") and run again: its cells will then be run anew.`,
    { cause },
  );
};

/** SQLite's own files beside the ledger need some room as well; without it says no more than "disk I/O error". */
const isFull = (folder: string): boolean => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < 100_000;
};
