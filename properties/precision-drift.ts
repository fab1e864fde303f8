import type { Observation, Trainable } from '../containers/observation.ts';
import { driftBound, isExact, resolutionBound } from './bounds.ts';
import { whereBothTrained } from './both-trained.ts';
import { figure, firstViolation, violated } from './judgements.ts';
import { parameterKind } from './parameter-kind.ts';
import type { Judgement, Property, Subject } from './property.ts';
import { distanceOf } from './run-comparison.ts';
import { exceeds, together, type Sketched } from './sketch-distance.ts';
import { exactReference, isComparable, isDistributed, unshardedReference } from './unsharded-reference.ts';

/**
 * What sharding does to a coarse run is for `matches-unsharded` to tell: of a sharded cell the unsharded twin is judged, the
 * same that it is compared with there. So a sharded cell costs one more run, which all its shardings share, and a fault
 * of precision shrinks to a cell without sharding.
 */
export const precisionDrift: Property = {
  id: 'precision-drift',
  version: 1,
  claim: 'A run in a coarse precision stays as near to float32 as the roundings of its dtype and its depth allow.',
  applies: (subject) => !isExact(subject) && isComparable(subject),
  references: (subject) => ({
    ...exactReference(subject),
    ...(isDistributed(subject) ? unshardedReference(subject) : {}),
  }),
  judge: (subject, observation, { exact, unsharded }) => {
    if (!isDistributed(subject)) return judgeDrift(subject, observation, exact);
    return whereBothTrained(observation, unsharded, 'the unsharded cell', (twin) => judgeDrift(subject, twin, exact));
  },
};

const judgeDrift = (subject: Subject, observation: Observation, exact: Observation | undefined): Judgement =>
  whereBothTrained(observation, exact, 'the unsharded cell in fp32', (reference) => {
    const bound = driftBound(subject);
    return firstViolation(
      () => compareLosses(observation, reference, bound / lossAveraging),
      () => (subject.adapter.promises.smooth ? compareUpdates(observation, reference, bound) : undefined),
      () => (subject.adapter.promises.smooth ? compareOutputs(observation, reference, bound) : undefined),
    );
  });

/** A loss is a mean over at least four samples, whose roundings cancel by half. */
const lossAveraging = 2;

const compareLosses = (left: Observation, right: Observation, bound: number): Judgement | undefined => {
  const [ours, theirs] = [left.losses ?? [], right.losses ?? []];
  const step = ours.findIndex((loss, index) => {
    const reference = theirs[index];
    return reference !== undefined && Math.abs(loss - reference) > bound * Math.abs(reference);
  });
  if (step === -1) return undefined;
  const figures = `losses by step: ${ours.join(', ')}; in fp32: ${theirs.join(', ')}; bound ${figure(bound)} relative`;
  return violated(
    'train',
    `${step === 0 ? 'the first loss is' : 'later losses are'} further from fp32 than rounding explains`,
    figures,
  );
};

/**
 * All parameters of a kind together: the update of a single one can be a small difference of large terms, which rounding
 * changes by any share. Sketches of tensors with names of their own add up to the sketch of all of them.
 */
const compareUpdates = (left: Observation, right: Observation, bound: number): Judgement | undefined => {
  const steps = left.losses?.length ?? 0;
  const wrong = ofEachKind(pairsOf(left, right)).filter(({ pairs, ours, theirs }) => {
    const resolution = Math.hypot(...pairs.map(([{ dtype, norm }]) => resolutionBound(dtype, norm, steps)));
    return exceeds(ours, theirs, bound * theirs.norm + resolution);
  });
  if (wrong.length === 0) return undefined;
  const figures = wrong.map(
    ({ kind, ours, theirs }) =>
      `${kind}: norm ${figure(ours.norm)} against ${figure(theirs.norm)}, distance about ${figure(distanceOf(ours, theirs))}`,
  );
  return violated(
    'train',
    `updates are further from fp32 than rounding explains: ${wrong.map(({ kind }) => kind).join(', ')}`,
    `${figures.join('; ')}; bound ${figure(bound)} relative`,
  );
};

interface Kind {
  readonly kind: string;
  readonly pairs: readonly Pair[];
  /** All their updates as one. */
  readonly ours: Sketched;
  readonly theirs: Sketched;
}

const ofEachKind = (all: readonly Pair[]): readonly Kind[] =>
  [...Map.groupBy(all, ([{ name }]) => parameterKind(name))]
    .map(([kind, pairs]) => ({
      kind,
      pairs,
      ours: together(pairs.map(([{ update }]) => update)),
      theirs: together(pairs.map(([, { update }]) => update)),
    }))
    .toSorted((one, other) => one.kind.localeCompare(other.kind));

type Pair = readonly [Trainable, Trainable];

const pairsOf = (left: Observation, right: Observation): readonly Pair[] => {
  const theirs = new Map((right.trainable ?? []).map((parameter) => [parameter.name, parameter]));
  return (left.trainable ?? []).flatMap((ours): readonly Pair[] => {
    const reference = theirs.get(ours.name);
    return reference === undefined ? [] : [[ours, reference]];
  });
};

const compareOutputs = ({ outputs }: Observation, exact: Observation, bound: number): Judgement | undefined => {
  const reference = exact.outputs;
  if (outputs === undefined || reference === undefined || !exceeds(outputs, reference, bound * reference.norm))
    return undefined;
  const distance = figure(distanceOf(outputs, reference) / reference.norm);
  return violated(
    'train',
    'outputs of the trained model are further from fp32 than rounding explains',
    `relative distance about ${distance}, bound ${figure(bound)}, though updates are near`,
  );
};
