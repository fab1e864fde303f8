import type { DatabaseSync, StatementSync } from 'node:sqlite';
import * as z from 'zod';
import type { Observation } from '../containers/observation.ts';
import { observationSchema } from '../containers/observation.ts';
import type { Hello } from '../containers/protocol.ts';
import { helloSchema } from '../containers/protocol.ts';
import type { CellIdentity } from './cell-key.ts';
import { cellKey } from './cell-key.ts';
import { ask, damagedLedger, guardLedger, openLedgerFile } from './ledger/ledger-file.ts';

/** Which run of a cell: 0, 1, ... from a warm probe; the cold ones, for confirming, are counted apart. */
export interface Attempt {
  readonly number: number;
  readonly cold: boolean;
}

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

  /** Keys of the cells that were found or recorded. */
  readonly #used = new Set<string>();

  constructor(path: string) {
    this.#path = path;
    this.#database = openLedgerFile(path);
    this.#find = this.#database.prepare(
      'SELECT observation FROM observations WHERE key = ? AND cold = ? AND attempt = ?',
    );
    this.#record = this.#database.prepare('INSERT OR IGNORE INTO observations VALUES (?, ?, ?, ?, ?, ?, ?)');
  }

  find(identity: CellIdentity, attempt: Attempt): Observation | undefined {
    const key = cellKey(identity);
    const row = this.#guard(() => this.#find.get(key, Number(attempt.cold), attempt.number));
    if (row === undefined) return undefined;
    this.#used.add(key);
    return this.#parse(row['observation'], observationSchema);
  }

  /** Keeps the first observation of an attempt; one that another process wrote meanwhile stays. */
  record(
    identity: CellIdentity,
    attempt: Attempt,
    observation: Observation,
    provenance: Readonly<Record<string, unknown>>,
  ): void {
    const key = cellKey(identity);
    this.#used.add(key);
    this.#guard(() =>
      this.#record.run(
        key,
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

  /** A campaign stands on all cells that were found or recorded since the ledger was opened: they are kept for it. */
  recordUses(campaign: string, matrix: string): void {
    this.#guard(() => {
      const use = this.#database.prepare('INSERT OR IGNORE INTO uses VALUES (?, ?)');
      this.#database.exec('BEGIN IMMEDIATE');
      this.#database.prepare('INSERT OR REPLACE INTO campaigns VALUES (?, ?, ?)').run(campaign, matrix, now());
      for (const key of this.#used) use.run(campaign, key);
      this.#database.exec('COMMIT');
    });
  }

  /** What a shard came to, the last time that it was run. */
  recordShard(campaign: string, shard: string, record: unknown): void {
    this.#guard(() =>
      this.#database
        .prepare('INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?)')
        .run(campaign, shard, JSON.stringify(record), now()),
    );
  }

  /** Records of all shards of all campaigns. */
  findShards(): readonly unknown[] {
    return this.#guard(() =>
      this.#database
        .prepare('SELECT record FROM shards ORDER BY campaign, shard')
        .all()
        .map((row) => this.#parse(row['record'], z.unknown())),
    );
  }

  countObservations(): number {
    return this.#guard(() => Number(ask(this.#database, 'SELECT count(*) FROM observations')));
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #parse<T>(text: unknown, as: z.ZodType<T>): T {
    try {
      return as.parse(JSON.parse(z.string().parse(text)));
    } catch (cause) {
      throw damagedLedger(this.#path, cause);
    }
  }

  #guard<T>(work: () => T): T {
    return guardLedger(this.#path, work);
  }
}

const nonFiniteAsText = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;

const now = (): string => new Date().toISOString();
