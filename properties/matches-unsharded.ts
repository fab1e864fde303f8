import { noEvidence } from './judgements.ts';
import type { Property } from './property.ts';
import { compareRuns, isFiniteRun } from './run-comparison.ts';
import { isDistributed, unshardedReference } from './unsharded-reference.ts';

export const matchesUnsharded: Property = {
  id: 'matches-unsharded',
  version: 1,
  claim: 'Sharding changes where parameters live, never what they become.',
  applies: isDistributed,
  references: unshardedReference,
  judge: (subject, observation, { unsharded }) => {
    if (unsharded === undefined) return noEvidence('the unsharded cell was not run');
    if (observation.losses === undefined && observation.trainable === undefined)
      return noEvidence('the cell did not train');
    if (unsharded.losses === undefined && unsharded.trainable === undefined)
      return noEvidence('the unsharded cell did not train');
    if (!isFiniteRun(unsharded)) return noEvidence('the unsharded cell has numbers that are not finite');
    if (!isFiniteRun(observation)) return noEvidence('the cell has numbers that are not finite');
    return compareRuns(subject, observation, unsharded, 'the unsharded run');
  },
};
