import type { DatabaseSync } from 'node:sqlite';
import type { Lock } from '../../matrices/pin.ts';
import { isLocked } from './locked-versions.ts';

/** What is to go. With several, what any of them names. */
export interface Pruning {
  /** Seen before this moment (ISO). */
  readonly seenBefore?: string;
  /** Seen before this moment, and used by no campaign since. */
  readonly unusedSince?: string;
  /** Of versions that none of these locks has. */
  readonly locks?: readonly Lock[];
  /** Campaigns that are kept: what they stand on stays, whatever else is said. */
  readonly campaigns: readonly string[];
  /** Only counts. */
  readonly dryRun: boolean;
}

/** Observations that went, those that would have but a kept campaign stands on them, and all that there were. */
export interface Pruned {
  readonly removed: number;
  readonly kept: number;
  readonly of: number;
}

/**
 * Removes observations, never those that a kept campaign stands on. All attempts of a cell go together. A cell that is
 * gone is run again when somebody asks for it.
 */
export const pruneLedger = (database: DatabaseSync, pruning: Pruning): Pruned => {
  const { dryRun, campaigns } = pruning;
  const of = countIn(database, 'observations');
  database.exec('CREATE TEMP TABLE going (key TEXT PRIMARY KEY) WITHOUT ROWID');
  database.exec('CREATE TEMP TABLE staying (key TEXT PRIMARY KEY) WITHOUT ROWID');
  try {
    for (const [condition, ...values] of conditionsOf(pruning)) {
      database
        .prepare(`INSERT OR IGNORE INTO going SELECT DISTINCT key FROM observations o WHERE ${condition}`)
        .run(...values);
    }
    addUnlocked(database, pruning.locks);
    const stay = database.prepare('INSERT OR IGNORE INTO staying SELECT key FROM uses WHERE campaign = ?');
    for (const campaign of campaigns) stay.run(campaign);
    const kept = countIn(database, 'observations WHERE key IN going AND key IN staying');
    const removed = countIn(database, 'observations WHERE key IN going AND key NOT IN staying');
    if (!dryRun) removeGoing(database);
    return { removed, kept, of };
  } finally {
    database.exec('DROP TABLE going; DROP TABLE staying');
  }
};

const conditionsOf = ({ seenBefore, unusedSince }: Pruning): readonly (readonly [string, ...string[]])[] => [
  ...(seenBefore === undefined ? [] : [['seen_at < ?', seenBefore] as const]),
  ...(unusedSince === undefined
    ? []
    : [
        [
          `seen_at < ? AND NOT EXISTS (
             SELECT 1 FROM uses u JOIN campaigns c ON c.id = u.campaign WHERE u.key = o.key AND c.used_at >= ?)`,
          unusedSince,
          unusedSince,
        ] as const,
      ]),
];

/** Versions are few and cells are many: each set of versions is compared with the locks once. */
const addUnlocked = (database: DatabaseSync, locks: readonly Lock[] | undefined): void => {
  if (locks === undefined) return;
  const versions = `json_extract(identity, '$.versions')`;
  const add = database.prepare(`INSERT OR IGNORE INTO going SELECT key FROM observations WHERE ${versions} = ?`);
  for (const row of database.prepare(`SELECT DISTINCT ${versions} AS versions FROM observations`).all()) {
    const text = String(row['versions']);
    if (!locks.some((lock) => isLocked(text, lock))) add.run(text);
  }
};

const removeGoing = (database: DatabaseSync): void => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const gone = 'key IN going AND key NOT IN staying';
    for (const table of ['observations', 'further', 'uses']) database.exec(`DELETE FROM ${table} WHERE ${gone}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
};

const countIn = (database: DatabaseSync, what: string): number =>
  Number(database.prepare(`SELECT count(*) AS count FROM ${what}`).get()?.['count']);
