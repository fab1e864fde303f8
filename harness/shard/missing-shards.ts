import type { ShardRecord } from './shard-record.ts';
import { shardName } from './shard.ts';

/**
 * What does not fit together among shards that were merged, in words; nothing where every campaign has all its parts.
 *
 * Whatever is told here, nothing wrong comes of it: what the campaign does not find it runs.
 */
export const shardProblems = (records: readonly ShardRecord[]): readonly string[] => {
  const campaigns = [...Map.groupBy(records, ({ campaign, of }) => `${campaign} ${of}`).values()];
  return [...campaigns.flatMap(problemsWithin), ...problemsBetween(records)];
};

const problemsWithin = (records: readonly ShardRecord[]): readonly string[] => {
  const [first] = records;
  if (first === undefined) return [];
  const { campaign, of } = first;
  const there = new Set(records.map(({ index }) => index));
  const absent = Array.from({ length: of }, (_, index) => index + 1).filter((index) => !there.has(index));
  const partial = records.filter(({ missed }) => missed > 0);
  const plans = new Set(records.map(({ plan }) => plan));
  return [
    ...(absent.length === 0
      ? []
      : [`${campaign}: shard ${absent.map((index) => shardName({ index, of })).join(', ')} is missing`]),
    ...partial.map(
      (record) => `${campaign}: shard ${shardName(record)} has ${record.missed} runs without an observation`,
    ),
    ...(plans.size === 1 ? [] : [`${campaign}: its shards planned differently: ${differenceOf(records)}`]),
  ];
};

/** Parts of one matrix under two names stand on different locks, or on flags that differ. */
const problemsBetween = (records: readonly ShardRecord[]): readonly string[] =>
  [...Map.groupBy(records, ({ matrix, of }) => `${matrix} ${of}`).values()].flatMap((group) => {
    const campaigns = [...Map.groupBy(group, ({ campaign }) => campaign).values()];
    const incomplete = campaigns.filter((parts) => parts.length < (parts[0]?.of ?? 0));
    if (incomplete.length < 2) return [];
    const names = incomplete.map((parts) => `${parts.map(shardName).join(', ')} of ${parts[0]?.campaign ?? ''}`);
    return [`the shards are of different campaigns: ${names.join('; ')}. ${differenceOf(incomplete.flat())}`];
  });

const differenceOf = (records: readonly ShardRecord[]): string => {
  const pins = [...new Set(records.flatMap(({ pins: own }) => Object.keys(own)))].toSorted();
  const differing = pins.filter((pin) => new Set(records.map((record) => record.pins[pin])).size > 1);
  return differing.length === 0
    ? 'the matrix, its flags or the version of peft-matrix differ'
    : `they stand on different versions: ${differing.join(', ')}`;
};
