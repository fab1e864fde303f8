import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { ask } from './ledger-file.ts';

/** What a ledger holds. */
export interface LedgerStats {
  readonly bytes: number;
  readonly observations: number;
  /** Of attempts that another machine saw as well. */
  readonly further: number;
  /** ISO timestamps; null where there is nothing. */
  readonly oldest: string | null;
  readonly newest: string | null;
  /** Observations by release of PEFT and executor, most first. */
  readonly releases: readonly { readonly peft: string; readonly executor: string; readonly observations: number }[];
  /** Campaigns that stand on cells of it, the last first. */
  readonly campaigns: readonly { readonly id: string; readonly usedAt: string; readonly cells: number }[];
}

export const ledgerStats = (database: DatabaseSync, path: string): LedgerStats => {
  const count = (table: string): number => Number(ask(database, `SELECT count(*) FROM ${table}`));
  const time = (which: 'min' | 'max'): string | null => {
    const found = ask(database, `SELECT ${which}(seen_at) FROM observations`);
    return typeof found === 'string' ? found : null;
  };
  return {
    bytes: statSync(path).size,
    observations: count('observations'),
    further: count('further'),
    oldest: time('min'),
    newest: time('max'),
    releases: database
      .prepare(
        `SELECT coalesce(json_extract(identity, '$.versions.peft'), 'none') AS peft,
                json_extract(identity, '$.executor') AS executor, count(*) AS observations
         FROM observations GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`,
      )
      .all()
      .map((row) => ({
        peft: String(row['peft']),
        executor: String(row['executor']),
        observations: Number(row['observations']),
      })),
    campaigns: campaignsIn(database),
  };
};

/** What the observations were seen with of a package, sorted as text. Looks at every observation. */
export const versionsIn = (database: DatabaseSync, name: string): readonly string[] =>
  database
    .prepare('SELECT DISTINCT json_extract(identity, ?) AS version FROM observations ORDER BY 1')
    .all(`$.versions."${name}"`)
    .flatMap(({ version }) => (typeof version === 'string' ? [version] : []));

/** The campaigns alone: all the rest takes a look at every observation. */
export const campaignsIn = (database: DatabaseSync): LedgerStats['campaigns'] =>
  database
    .prepare(
      `SELECT id, used_at, (SELECT count(*) FROM uses WHERE campaign = id) AS cells
       FROM campaigns ORDER BY used_at DESC, id`,
    )
    .all()
    .map((row) => ({ id: String(row['id']), usedAt: String(row['used_at']), cells: Number(row['cells']) }));
