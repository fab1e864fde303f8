import { checkpointRoundTrip } from './checkpoint-round-trip.ts';
import { finiteAndMoving } from './finite-and-moving.ts';
import { matchesUnsharded } from './matches-unsharded.ts';
import type { Property } from './property.ts';
import { runs } from './runs.ts';
import { sameSeedSameRun } from './same-seed-same-run.ts';
import { shardingEngaged } from './sharding-engaged.ts';
import { trainsOnlyWhatItShould } from './trains-only-what-it-should.ts';

/** Every property, causes before effects: the first one that is violated names the cell's failure. */
export const allProperties: readonly Property[] = [
  runs,
  shardingEngaged,
  trainsOnlyWhatItShould,
  finiteAndMoving,
  matchesUnsharded,
  checkpointRoundTrip,
  sameSeedSameRun,
];
