import { whereBothTrained } from './both-trained.ts';
import type { Property } from './property.ts';
import { compareRuns } from './run-comparison.ts';
import { isComparable, isDistributed, unshardedReference } from './unsharded-reference.ts';

export const matchesUnsharded: Property = {
  id: 'matches-unsharded',
  version: 2,
  claim: 'Sharding changes where parameters live, never what they become.',
  applies: (subject) => isDistributed(subject) && isComparable(subject) && subject.adapter.promises.splits,
  references: unshardedReference,
  judge: (subject, observation, { unsharded }) =>
    whereBothTrained(observation, unsharded, 'the unsharded cell', (reference) =>
      compareRuns(subject, observation, reference, 'the unsharded run'),
    ),
};
