import { whereBothTrained } from './both-trained.ts';
import type { Property } from './property.ts';
import { compareRuns } from './run-comparison.ts';
import { isComparable } from './unsharded-reference.ts';

/** Of the two cells the one that flattens is judged, against the one that does not: one alarm for a difference, not two. */
export const origParamsAgree: Property = {
  id: 'orig-params-agree',
  version: 1,
  claim: 'FSDP1 with use_orig_params=false trains as it does with use_orig_params=true.',
  applies: (subject) =>
    subject.config['sharding'] === 'fsdp1' && subject.config['use_orig_params'] === false && isComparable(subject),
  references: ({ config }) => ({ original: { config: { ...config, use_orig_params: true }, attempt: 0 } }),
  judge: (subject, observation, { original }) =>
    whereBothTrained(observation, original, 'the cell with use_orig_params=true', (reference) =>
      compareRuns(subject, observation, reference, 'the run with use_orig_params=true'),
    ),
};
