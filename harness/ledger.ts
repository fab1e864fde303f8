import { mkdirSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import * as z from 'zod';
import type { Observation } from '../containers/observation.ts';
import { observationSchema } from '../containers/observation.ts';
import type { Hello } from '../containers/protocol.ts';
import { helloSchema } from '../containers/protocol.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import type { CellIdentity } from './cell-key.ts';
import { cellKey } from './cell-key.ts';

/** Which run of a cell: 0, 1, ... from a warm probe; the cold ones, for confirming, are counted apart. */
export interface Attempt {
  readonly number: number;
  readonly cold: boolean;
}

/** Raise when the tables change; an older file is refused with words, never converted silently. */
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
 * The store of all observations: one SQLite file, written by any number of processes.
 *
 * An observation is a fact: it is written once and never changed. Verdicts are opinions and are not kept here.
 *
 * @throws {InfrastructureError} From every method, when the file is damaged, the disk is full or it cannot be written.
 */
export class Ledger implements Disposable {
  readonly #path: string;
  readonly #database: DatabaseSync;
  readonly #find: StatementSync;
  readonly #record: StatementSync;

  constructor(path: string) {
    this.#path = path;
    const { database, find, record } = this.#guard(() => {
      const opened = openDatabase(path);
      return {
        database: opened,
        find: opened.prepare('SELECT observation FROM observations WHERE key = ? AND cold = ? AND attempt = ?'),
        record: opened.prepare('INSERT OR IGNORE INTO observations VALUES (?, ?, ?, ?, ?, ?, ?)'),
      };
    });
    this.#database = database;
    this.#find = find;
    this.#record = record;
  }

  find(identity: CellIdentity, attempt: Attempt): Observation | undefined {
    const row = this.#guard(() => this.#find.get(cellKey(identity), Number(attempt.cold), attempt.number));
    return row === undefined ? undefined : this.#parse(row['observation'], observationSchema);
  }

  /** Keeps the first observation of an attempt; one that another process wrote meanwhile stays. */
  record(
    identity: CellIdentity,
    attempt: Attempt,
    observation: Observation,
    provenance: Readonly<Record<string, unknown>>,
  ): void {
    this.#guard(() =>
      this.#record.run(
        cellKey(identity),
        Number(attempt.cold),
        attempt.number,
        JSON.stringify(identity),
        JSON.stringify(observation, nonFiniteAsText),
        JSON.stringify(provenance),
        now(),
      ),
    );
  }

  /** What the environment of a lock said of itself the last time; so that a plan needs no Python. */
  findHandshake(source: string): Hello | undefined {
    const row = this.#guard(() => this.#database.prepare('SELECT hello FROM handshakes WHERE source = ?').get(source));
    return row === undefined ? undefined : this.#parse(row['hello'], helloSchema.shape.hello);
  }

  recordHandshake(source: string, hello: Hello): void {
    this.#guard(() =>
      this.#database
        .prepare('INSERT OR REPLACE INTO handshakes VALUES (?, ?, ?)')
        .run(source, JSON.stringify(hello), now()),
    );
  }

  /** The newest record of a failure, by the start of its id. */
  findFailures(idStart: string): readonly unknown[] {
    return this.#guard(() =>
      this.#database
        .prepare('SELECT record FROM failures WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id')
        .all(idStart)
        .map((row) => this.#parse(row['record'], z.unknown())),
    );
  }

  recordFailure(id: string, record: unknown): void {
    this.#guard(() =>
      this.#database.prepare('INSERT OR REPLACE INTO failures VALUES (?, ?, ?)').run(id, JSON.stringify(record), now()),
    );
  }

  countObservations(): number {
    return this.#guard(() => {
      const row = this.#database.prepare('SELECT count(*) AS count FROM observations').get();
      return Number(row?.['count'] ?? 0);
    });
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #parse<T>(text: unknown, as: z.ZodType<T>): T {
    try {
      return as.parse(JSON.parse(z.string().parse(text)));
    } catch (cause) {
      throw this.#damaged(cause);
    }
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (cause instanceof InfrastructureError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      if (/full|ENOSPC/i.test(reason) || (/disk I\/O/.test(reason) && isFull(dirname(this.#path)))) {
        throw new InfrastructureError(
          `The ledger ${this.#path} cannot be written: the disk is full. What it holds is safe; free some space and run again.`,
          { cause },
        );
      }
      if (/not a database|malformed|corrupt/i.test(reason)) throw this.#damaged(cause);
      throw new InfrastructureError(
        `The ledger ${this.#path} cannot be used: ${reason}; see that it can be written, or choose another folder with --results`,
        { cause },
      );
    }
  }

  #damaged(cause: unknown): InfrastructureError {
    const reason = cause instanceof Error ? cause.message : String(cause);
    return new InfrastructureError(
      `The ledger ${this.#path} is damaged (${reason}). It was left as it is. ` +
        `Put a copy back, or move it away ("mv ${this.#path} ${this.#path}.damaged") and run again: its cells will then be run anew.`,
      { cause },
    );
  }
}

/** SQLite's own files beside the ledger need some room as well; without it says no more than "disk I/O error". */
const isFull = (folder: string): boolean => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize < 100_000;
};

const openDatabase = (path: string): DatabaseSync => {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 30_000 });
  try {
    prepareTables(database, path);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/** Looks before it writes: a file that is damaged or not ours stays as it is. */
const prepareTables = (database: DatabaseSync, path: string): void => {
  const found = Number(ask(database, 'PRAGMA user_version') ?? 0);
  if (found !== 0 && found !== schemaVersion) {
    throw new InfrastructureError(
      `The ledger ${path} was written by another version of peft-matrix (tables of version ${found}, this one reads ${schemaVersion}). ` +
        'It was left as it is. Use that version, move the file away, or choose another folder with --results.',
    );
  }
  const health = ask(database, 'PRAGMA quick_check(1)');
  if (health !== 'ok') throw new Error(`malformed: ${String(health).replaceAll(/\s+/g, ' ')}`);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  if (found === 0) database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
};

/** The single value that a pragma answers with. */
const ask = (database: DatabaseSync, pragma: string): unknown => Object.values(database.prepare(pragma).get() ?? {})[0];

const nonFiniteAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

const now = (): string => new Date().toISOString();
