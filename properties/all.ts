import { adaptersDoNotLeak } from './adapters-do-not-leak.ts';
import { agreesWithRelease } from './agrees-with-release.ts';
import { checkpointCrossesReleases } from './checkpoint-crosses-releases.ts';
import { checkpointRoundTrip } from './checkpoint-round-trip.ts';
import { disableRestores } from './disable-restores.ts';
import { finiteAndMoving } from './finite-and-moving.ts';
import { generateAgrees } from './generate-agrees.ts';
import { matchesUnsharded } from './matches-unsharded.ts';
import { memoryBounded } from './memory-bounded.ts';
import { mergeAgrees } from './merge-agrees.ts';
import { optionsHaveEffect } from './options-have-effect.ts';
import { origParamsAgree } from './orig-params-agree.ts';
import { precisionDrift } from './precision-drift.ts';
import type { Property } from './property.ts';
import { resumeContinues } from './resume-continues.ts';
import { runs } from './runs.ts';
import { sameSeedSameRun } from './same-seed-same-run.ts';
import { shardingEngaged } from './sharding-engaged.ts';
import { startsAsIdentity } from './starts-as-identity.ts';
import { trainsOnlyWhatItShould } from './trains-only-what-it-should.ts';

/** Every property, causes before effects: the first one that is violated names the cell's failure. */
export const allProperties: readonly Property[] = [
  runs,
  startsAsIdentity,
  shardingEngaged,
  trainsOnlyWhatItShould,
  finiteAndMoving,
  matchesUnsharded,
  origParamsAgree,
  precisionDrift,
  optionsHaveEffect,
  agreesWithRelease,
  disableRestores,
  generateAgrees,
  checkpointRoundTrip,
  checkpointCrossesReleases,
  resumeContinues,
  adaptersDoNotLeak,
  mergeAgrees,
  sameSeedSameRun,
  memoryBounded,
];
