import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

const text = z.string();
const rowOf = <Table extends string, Shape extends z.ZodRawShape>(table: Table, shape: Shape) =>
  z.strictObject({ table: z.literal(table), ...shape });

/** What ledgers give each other. Texts are those of the tables, byte by byte: what is equal must stay equal. */
export const ledgerRowSchema = z.discriminatedUnion('table', [
  rowOf('observations', {
    key: text,
    cold: z.literal([0, 1]),
    attempt: z.int().nonnegative(),
    identity: text,
    observation: text,
    provenance: text,
    seen_at: text,
  }),
  rowOf('handshakes', { source: text, hello: text, seen_at: text }),
  rowOf('failures', { id: text, record: text, seen_at: text }),
  rowOf('shards', { campaign: text, shard: text, record: text, seen_at: text }),
  rowOf('campaigns', { id: text, matrix: text, used_at: text }),
  rowOf('uses', { campaign: text, key: text }),
]);
export type LedgerRow = Readonly<z.infer<typeof ledgerRowSchema>>;
export type ObservationRow = Extract<LedgerRow, { readonly table: 'observations' }>;

/** Which part of a ledger; everything, if nothing is said. */
export interface Selection {
  /** Only what this campaign stands on. */
  readonly campaign?: string;
  /** Only what was seen with these versions: `{ peft: '0.21.2' }`. */
  readonly versions?: Readonly<Record<string, string>>;
}

/** Reads a ledger row by row; it is never in memory as a whole. */
export function* ledgerRows(database: DatabaseSync, selection: Selection = {}): Generator<LedgerRow> {
  const there = new Set(
    database
      .prepare('SELECT name FROM sqlite_schema')
      .all()
      .map((row) => row['name']),
  );
  for (const { from, table, columns, campaign } of tables) {
    if (!there.has(from)) continue;
    const { conditions, values } =
      table === 'observations' ? conditionsOf(selection) : equal(campaign, selection.campaign);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const found = database.prepare(`SELECT ${columns} FROM ${from} ${where}`).iterate(...values);
    for (const row of found) yield ledgerRowSchema.parse({ table, ...row });
  }
}

const observationColumns = 'key, cold, attempt, identity, observation, provenance, seen_at';

/** Where rows are, and which of their columns names a campaign. */
const tables: readonly {
  readonly from: string;
  readonly table: LedgerRow['table'];
  readonly columns: string;
  readonly campaign?: string;
}[] = [
  { from: 'observations', table: 'observations', columns: observationColumns },
  { from: 'further', table: 'observations', columns: observationColumns },
  { from: 'handshakes', table: 'handshakes', columns: 'source, hello, seen_at' },
  { from: 'failures', table: 'failures', columns: 'id, record, seen_at' },
  { from: 'shards', table: 'shards', columns: 'campaign, shard, record, seen_at', campaign: 'campaign' },
  { from: 'campaigns', table: 'campaigns', columns: 'id, matrix, used_at', campaign: 'id' },
  { from: 'uses', table: 'uses', columns: 'campaign, key', campaign: 'campaign' },
];

/** Tells two observations of one attempt apart: also runs of other machines or times that showed the same. */
export const rowDigest = ({ observation, provenance, seen_at: seenAt }: Omit<ObservationRow, 'table'>): string =>
  createHash('sha256').update(`${observation}\n${provenance}\n${seenAt}`).digest('hex').slice(0, 16);

interface Conditions {
  readonly conditions: readonly string[];
  readonly values: readonly string[];
}

const equal = (column: string | undefined, value: string | undefined): Conditions =>
  column === undefined || value === undefined
    ? { conditions: [], values: [] }
    : { conditions: [`${column} = ?`], values: [value] };

const conditionsOf = ({ campaign, versions = {} }: Selection): Conditions => {
  const ofCampaign = campaign === undefined ? [] : ['key IN (SELECT key FROM uses WHERE campaign = ?)'];
  const pairs = Object.entries(versions);
  return {
    conditions: [...ofCampaign, ...pairs.map(() => 'json_extract(identity, ?) = ?')],
    values: [
      ...(campaign === undefined ? [] : [campaign]),
      ...pairs.flatMap(([name, version]) => [`$.versions."${name}"`, version]),
    ],
  };
};
