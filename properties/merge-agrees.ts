import type { Observation } from '../containers/observation.ts';
import type { Exactness } from '../matrices/adapter.ts';
import { arithmeticBound, isExact, storageBound } from './bounds.ts';
import { everyViolation, firstViolation, holds, noEvidence, violated } from './judgements.ts';
import { listNames } from './parameter-kind.ts';
import type { Judgement, Property, Subject } from './property.ts';
import { hasFiniteOutputs, notFinite, raised, sameOutputs } from './same-outputs.ts';
import { isAdapterAlone } from './unsharded-reference.ts';

export const mergeAgrees: Property = {
  id: 'merge-agrees',
  version: 3,
  claim:
    'Merged weights compute what the adapter computes, in the same dtypes; twice is once, and unmerging undoes it.',
  applies: (subject) => isAdapterAlone(subject) && subject.adapter.promises.merge !== 'no',
  usages: () => ['merge'],
  judge: (subject, observation) => {
    const { merged } = observation;
    if (merged === undefined) return noEvidence('the adapter was not merged');
    if (!hasFiniteOutputs(observation)) return noEvidence(notFinite);
    const bound = gross(subject.adapter.promises.merge, arithmeticBound(subject));
    const twice = judgeTwice(merged, bound);
    return everyViolation(
      () =>
        judgeMerged(merged, bound) ??
        judgeGradient(subject, merged, bound) ??
        twice ??
        judgeUnloaded(merged, bound) ??
        judgeSafelyUnloaded(merged, bound),
      () => judgeDtypes(merged),
      () => judgeSafe(merged),
      // What was added twice cannot be taken away once.
      () => (twice === undefined ? judgeUnmerged(subject, merged) : undefined),
    );
  },
};

type Merged = NonNullable<Observation['merged']>;

/**
 * A method that approximates says how, and the approximations that PEFT's methods make are of a thousandth of the outputs
 * (a rotation out of a truncated series, undone by its transpose: 1.4e-3). A change that is merged with another sign or
 * scale, transposed, or left out shows at a tenth and more: 0.16 to 0.55 where PEFT did so. Between the two lies one
 * percent.
 */
const grossError = 0.01;

const gross = (promise: Exactness, bound: number): number =>
  promise === 'exact' ? bound : Math.max(bound, grossError);

const judgeMerged = ({ distance }: Merged, bound: number): Judgement | undefined =>
  sameOutputs(distance, { phase: 'merge', message: 'merged outputs differ from those of the adapter', bound });

/** In 16 bits merged weights are rounded, and what that does to a gradient has no bound here. */
const judgeGradient = (subject: Subject, { gradient }: Merged, bound: number): Judgement | undefined =>
  isExact(subject)
    ? sameOutputs(gradient, {
        phase: 'merge',
        message: 'gradients through the merged model differ from those of the adapter',
        bound,
      })
    : undefined;

/** Refusing the second time is as good as doing nothing. */
const judgeTwice = ({ distance, twice }: Merged, bound: number): Judgement | undefined =>
  twice.raised !== undefined || !(distance <= bound)
    ? undefined
    : sameOutputs(twice.distance, { phase: 'merge', message: 'merging a second time changes the outputs', bound });

const judgeUnloaded = ({ unloaded }: Merged, bound: number): Judgement | undefined =>
  raised(unloaded, 'merge', 'merge_and_unload') ??
  sameOutputs(unloaded.distance, {
    phase: 'merge',
    message: 'outputs after merge_and_unload differ from those of the adapter',
    bound,
  });

/** An adapter whose plain merge is in order: what is wrong here is in the code for the safe one. */
const judgeSafelyUnloaded = ({ safelyUnloaded = {} }: Merged, bound: number): Judgement | undefined =>
  raised(safelyUnloaded, 'merge', 'merge_and_unload with safe_merge') ??
  sameOutputs(safelyUnloaded.distance, {
    phase: 'merge',
    message: 'outputs after merge_and_unload with safe_merge differ from those of the adapter',
    bound,
  });

const judgeDtypes = ({ dtypes }: Merged): Judgement | undefined =>
  dtypes.length === 0
    ? undefined
    : violated(
        'merge',
        'merging changed the dtypes of base weights',
        `${dtypes.length} base weights have another dtype: ${listNames(dtypes)}`,
      );

const judgeSafe = ({ safe }: Merged): Judgement | undefined => {
  if (safe === undefined) return undefined;
  const judgement = firstViolation(
    () =>
      safe.raised === undefined
        ? violated('merge', 'safe_merge accepts an adapter with a NaN in it', 'no exception was raised')
        : undefined,
    () =>
      safe.changed.length === 0
        ? undefined
        : violated(
            'merge',
            'a safe_merge that failed changed base weights',
            `${safe.raised} was raised, and ${safe.changed.length} base weights are not what they were: ${listNames(safe.changed)}`,
          ),
  );
  return judgement === holds ? undefined : judgement;
};

const judgeUnmerged = (subject: Subject, { unmerged, restored }: Merged): Judgement | undefined => {
  const { unmerge } = subject.adapter.promises;
  if (unmerge === 'no') return undefined;
  return (
    sameOutputs(restored, {
      phase: 'unmerge',
      message: 'unmerging does not restore the base weights',
      bound: gross(unmerge, storageBound(subject)),
    }) ??
    sameOutputs(unmerged, {
      phase: 'unmerge',
      message: 'outputs differ after merging and unmerging',
      bound: gross(unmerge, arithmeticBound(subject)),
    })
  );
};
