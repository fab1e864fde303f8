import { whereBothTrained } from './both-trained.ts';
import type { Property } from './property.ts';
import { compareNumbers } from './run-comparison.ts';
import { isAdapterAlone, isComparable } from './unsharded-reference.ts';

/**
 * In float32 on one process, where only the method itself can be the reason. Names, dtypes and what is frozen may change
 * from release to release, and are compared in none.
 */
export const agreesWithRelease: Property = {
  id: 'agrees-with-release',
  version: 1,
  claim: 'A release computes what the release before it computed.',
  applies: (subject) => subject.config['precision'] === 'fp32' && isAdapterAlone(subject) && isComparable(subject),
  references: ({ config }) => ({ before: { config, attempt: 0, pin: 'baseline' } }),
  judge: (subject, observation, { before }) =>
    whereBothTrained(observation, before, 'the next older release', (reference) =>
      compareNumbers(subject, observation, reference, 'the next older release'),
    ),
};
