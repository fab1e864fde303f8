import { createHash } from 'node:crypto';
import * as z from 'zod';
import { canonicalConfig } from '../../matrices/config.ts';
import { lockId } from '../../matrices/lock.ts';
import type { Ledger } from '../ledger.ts';
import type { Plan } from '../plan.ts';
import type { PlannedCampaign } from '../planned-campaign.ts';
import { shardName, type Shard } from './shard.ts';

const count = z.int().nonnegative();

/** What the ledger keeps of a shard that was run: enough to see whether those of a campaign belong together. */
const shardRecordSchema = z.strictObject({
  campaign: z.string(),
  matrix: z.string(),
  index: z.int().positive(),
  of: z.int().positive(),
  /** Digest of the whole campaign's plan. */
  plan: z.string(),
  /** Id of a pin to what it stands on: its lock, or the versions of an environment that was taken as it is. */
  pins: z.record(z.string(), z.string()),
  /** Runs of the shard, and those of them that gave no observation. */
  runs: count,
  missed: count,
});
export type ShardRecord = Readonly<z.infer<typeof shardRecordSchema>>;

export const recordShard = (
  ledger: Ledger,
  matrix: string,
  { id, plan, pins }: Pick<PlannedCampaign, 'id' | 'plan' | 'pins'>,
  shard: Shard,
  counts: Pick<ShardRecord, 'runs' | 'missed'>,
): void => {
  const record: ShardRecord = {
    campaign: id,
    matrix,
    ...shard,
    plan: planDigest(plan),
    pins: Object.fromEntries(pins.map((ready) => [ready.pin.id, standsOn(ready)])),
    ...counts,
  };
  ledger.recordShard(id, shardName(shard), record);
};

export const shardRecords = (ledger: Ledger): readonly ShardRecord[] =>
  ledger.findShards().map((record) => shardRecordSchema.parse(record));

/** The same for two plans that run the same on the same versions. */
const planDigest = ({ runs }: Plan): string => {
  const hash = createHash('sha256');
  for (const { ready, reads, attempt, config } of runs) {
    hash.update(`${standsOn(ready)} ${ready.pin.id} ${reads?.pin.id ?? ''} ${attempt} ${canonicalConfig(config)}\n`);
  }
  return hash.digest('hex').slice(0, 12);
};

const standsOn = ({ pin: { source }, hello }: PlannedCampaign['pins'][number]): string => {
  const versions = Object.entries(hello.versions).map(([name, version]) => `${name} ${version}`);
  return source.kind === 'interpreter' ? versions.toSorted().join(', ') : lockId(source.lock);
};
