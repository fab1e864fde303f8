import type { DatabaseSync } from 'node:sqlite';
import { rowDigest, type LedgerRow, type ObservationRow } from './ledger-rows.ts';

/** Rows that were taken in, and those of them that the ledger did not have. */
export interface Absorbed {
  readonly observations: number;
  readonly newObservations: number;
  /** Of the new ones, those of attempts that the ledger had seen otherwise. */
  readonly further: number;
}

const batchSize = 1_000;

/**
 * Takes rows into a ledger, each once. In whatever order ledgers are merged, and however often, the result is the same:
 *
 * - All observations are kept. Of several of one attempt the earliest is believed; the others are kept beside it.
 * - Of what is not a fact (what an environment says of itself, a failure's record, a shard's) the latest is kept.
 *
 * It is written in batches, so that campaigns on the same ledger go on meanwhile; a merge that was killed is repeated.
 */
export const absorbRows = (database: DatabaseSync, rows: Iterable<LedgerRow>): Absorbed => {
  const put = writersOf(database);
  const total = { observations: 0, newObservations: 0, further: 0 };
  for (const batch of batches(rows)) {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const row of batch) {
        const became = put(row);
        if (row.table !== 'observations') continue;
        total.observations += 1;
        if (became !== 'known') total.newObservations += 1;
        if (became === 'further') total.further += 1;
      }
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
  return total;
};

function* batches<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < batchSize) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

type Became = 'new' | 'further' | 'known';

/** Puts a row in, or in the place of an earlier one. */
const later = (table: string, columns: string, key: string, value: string, time = 'seen_at'): string =>
  `INSERT INTO ${table} VALUES (${columns.replaceAll(/\w+/g, '?')})
   ON CONFLICT (${key}) DO UPDATE SET ${value} = excluded.${value}, ${time} = excluded.${time}
   WHERE (excluded.${time}, excluded.${value}) > (${time}, ${value})`;

const writersOf = (database: DatabaseSync): ((row: LedgerRow) => Became) => {
  const putObservation = observationWriter(database);
  const handshake = database.prepare(later('handshakes', 'source, hello, seen_at', 'source', 'hello'));
  const failure = database.prepare(later('failures', 'id, record, seen_at', 'id', 'record'));
  const shard = database.prepare(later('shards', 'campaign, shard, record, seen_at', 'campaign, shard', 'record'));
  const campaign = database.prepare(later('campaigns', 'id, matrix, used_at', 'id', 'matrix', 'used_at'));
  const use = database.prepare('INSERT OR IGNORE INTO uses VALUES (?, ?)');
  return (row) => {
    switch (row.table) {
      case 'observations':
        return putObservation(row);
      case 'handshakes':
        return becameOf(handshake.run(row.source, row.hello, row.seen_at));
      case 'failures':
        return becameOf(failure.run(row.id, row.record, row.seen_at));
      case 'shards':
        return becameOf(shard.run(row.campaign, row.shard, row.record, row.seen_at));
      case 'campaigns':
        return becameOf(campaign.run(row.id, row.matrix, row.used_at));
      case 'uses':
        return becameOf(use.run(row.campaign, row.key));
    }
  };
};

const becameOf = ({ changes }: { readonly changes: number | bigint }): Became => (changes === 0 ? 'known' : 'new');

const observationWriter = (database: DatabaseSync): ((row: ObservationRow) => Became) => {
  const insert = database.prepare('INSERT OR IGNORE INTO observations VALUES (?, ?, ?, ?, ?, ?, ?)');
  const find = database.prepare(
    'SELECT identity, observation, provenance, seen_at FROM observations WHERE key = ? AND cold = ? AND attempt = ?',
  );
  const replace = database.prepare('INSERT OR REPLACE INTO observations VALUES (?, ?, ?, ?, ?, ?, ?)');
  const keep = database.prepare('INSERT OR IGNORE INTO further VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  return (row) => {
    const attempt = [row.key, row.cold, row.attempt] as const;
    if (insert.run(...attempt, ...valuesOf(row)).changes > 0) return 'new';
    const found = find.get(...attempt);
    const believed: ObservationRow = {
      ...row,
      identity: String(found?.['identity']),
      observation: String(found?.['observation']),
      provenance: String(found?.['provenance']),
      seen_at: String(found?.['seen_at']),
    };
    const [ours, theirs] = [rowDigest(believed), rowDigest(row)];
    if (ours === theirs) return 'known';
    const isEarlier = row.seen_at < believed.seen_at || (row.seen_at === believed.seen_at && theirs < ours);
    const [stays, moves, digest] = isEarlier ? [row, believed, ours] : [believed, row, theirs];
    const isNew = keep.run(...attempt, digest, ...valuesOf(moves)).changes > 0;
    if (isEarlier) replace.run(...attempt, ...valuesOf(stays));
    return isNew ? 'further' : 'known';
  };
};

const valuesOf = (row: ObservationRow): readonly [string, string, string, string] => [
  row.identity,
  row.observation,
  row.provenance,
  row.seen_at,
];
