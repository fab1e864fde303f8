import type { Observation, Trainable } from '../containers/observation.ts';
import { arithmeticBound, isExact, resolutionBound } from './bounds.ts';
import { figure, firstViolation, violated } from './judgements.ts';
import { listNames } from './parameter-kind.ts';
import type { Judgement, Subject } from './property.ts';
import { exceeds, sketchDistance, type Sketched } from './sketch-distance.ts';

/**
 * Compares a run with another that should have computed the same: what went in, losses, updates, weights, outputs. What
 * either run lacks is not compared.
 *
 * A method that chooses while it trains may choose otherwise after coarse roundings; then updates, and what follows from
 * them, are not compared.
 *
 * @param other - how the messages call the other run: `the unsharded run`.
 */
export const compareRuns = (
  subject: Subject,
  observation: Observation,
  reference: Observation,
  other: string,
): Judgement => {
  const bound = arithmeticBound(subject);
  const steps = observation.losses?.length ?? 0;
  const numbers = numberChecks(subject, observation, reference, { bound, steps }, other);
  return firstViolation(
    () => compareFrozen(observation, reference, other),
    () => compareNames(observation, reference, other),
    ...(subject.adapter.promises.smooth || isExact(subject) ? numbers : numbers.slice(0, 1)),
  );
};

/** As {@link compareRuns}, of what both have, whatever else there is: releases may name and keep tensors otherwise. */
export const compareNumbers = (
  subject: Subject,
  observation: Observation,
  reference: Observation,
  other: string,
): Judgement => {
  const tolerance = { bound: arithmeticBound(subject), steps: observation.losses?.length ?? 0 };
  return firstViolation(...numberChecks(subject, observation, reference, tolerance, other));
};

const numberChecks = (
  subject: Subject,
  observation: Observation,
  reference: Observation,
  tolerance: Tolerance,
  other: string,
): readonly (() => Judgement | undefined)[] => [
  () => compareLosses(observation, reference, tolerance.bound / lossAveraging(subject), other),
  () => compareUpdates(subject, observation, reference, tolerance, other),
  () => compareWeights(subject, observation, reference, tolerance, other),
  () => compareOutputs(subject, observation, reference, tolerance.bound, other),
];

/** True when every figure of a run is finite. What is not is `finite-and-moving`'s to tell. */
export const isFiniteRun = ({ losses, trainable, outputs }: Observation): boolean =>
  [
    ...(losses ?? []),
    ...(trainable ?? []).flatMap(({ norm, update }) => [norm, update.norm].concat(update.sketch)),
    ...(outputs === undefined ? [] : [outputs.norm, ...outputs.sketch]),
  ].every(Number.isFinite);

const compareFrozen = (left: Observation, right: Observation, other: string): Judgement | undefined => {
  if (left.frozen === undefined || right.frozen === undefined) return undefined;
  if (left.frozen.digest === right.frozen.digest && left.frozen.count === right.frozen.count) return undefined;
  return violated(
    'adapt',
    `frozen weights differ from ${other} before training`,
    `${left.frozen.count} frozen tensors, digest ${left.frozen.digest}; ${other}: ${right.frozen.count}, ${right.frozen.digest}`,
  );
};

const compareNames = (left: Observation, right: Observation, other: string): Judgement | undefined => {
  if (left.trainable === undefined || right.trainable === undefined) return undefined;
  const [ours, theirs] = [describe(left.trainable), describe(right.trainable)];
  const differing = [
    ...ours.filter((name) => !theirs.includes(name)),
    ...theirs.filter((name) => !ours.includes(name)),
  ];
  if (differing.length === 0) return undefined;
  return violated(
    'adapt',
    `trainable parameters, their shapes or dtypes differ from ${other}`,
    `on one side only: ${listNames(differing)}`,
  );
};

const describe = (trainable: readonly Trainable[]): readonly string[] =>
  trainable.map(({ name, dtype, shape }) => `${name} ${dtype}[${shape.join(',')}]`);

/**
 * By how much a loss is more exact than what it is a mean of. Over the tokens of a batch, some hundred, roundings cancel:
 * measured, at most 0.01 bounds. A regression has 32 numbers, and a square is twice as far off: sqrt(32) / 2; measured, 1.3
 * tenths of a bound in bf16 under DDP.
 */
export const lossAveraging = ({ model }: Subject): number => (model.task === 'regression' ? Math.sqrt(32) / 2 : 10);

const compareLosses = (left: Observation, right: Observation, bound: number, other: string): Judgement | undefined => {
  const [ours, theirs] = [left.losses ?? [], right.losses ?? []];
  const step = ours.findIndex((loss, index) => {
    const reference = theirs[index];
    return reference !== undefined && Math.abs(loss - reference) > bound * Math.abs(reference);
  });
  if (step === -1) return undefined;
  const figures = `losses by step: ${ours.join(', ')}; ${other}: ${theirs.join(', ')}; bound ${figure(bound)} relative`;
  // Before the first update only the forward pass can be wrong.
  return violated('train', `${step === 0 ? 'the first loss differs' : 'later losses differ'} from ${other}`, figures);
};

interface Tolerance {
  /** Relative, of the arithmetic. */
  readonly bound: number;
  /** How often the weights were rounded. */
  readonly steps: number;
}

/** Largest distance of an update that rounding explains, in the parameter's own unit. */
const toleranceOf = ({ dtype, norm, update }: Trainable, { bound, steps }: Tolerance): number =>
  bound * update.norm + resolutionBound(dtype, norm, steps);

const compareUpdates = (
  { model }: Subject,
  left: Observation,
  right: Observation,
  tolerance: Tolerance,
  other: string,
): Judgement | undefined => {
  const pairs = pairsOf(model, left, right);
  const wrong = pairs.filter(([ours, theirs]) => exceeds(ours.update, theirs.update, toleranceOf(theirs, tolerance)));
  if (wrong.length === 0) return undefined;
  return violated(
    'train',
    `updates differ from ${other}`,
    `updates of ${wrong.length} of ${pairs.length} trainable parameters differ from ${other}: ${describeWorst(wrong, tolerance)}`,
  );
};

type Pair = readonly [Trainable, Trainable];

/** Without those parameters of the model that have no gradient, such as a key's bias: they move by nothing but rounding. */
const pairsOf = ({ mayStandStill }: Subject['model'], left: Observation, right: Observation): readonly Pair[] => {
  const still = mayStandStill.map((pattern) => new RegExp(pattern));
  const theirs = new Map((right.trainable ?? []).map((parameter) => [parameter.name, parameter]));
  return (left.trainable ?? []).flatMap((ours): readonly Pair[] => {
    if (still.some((pattern) => pattern.test(ours.name))) return [];
    const reference = theirs.get(ours.name);
    const isSame = reference !== undefined && reference.shape.join() === ours.shape.join();
    return isSame ? [[ours, reference]] : [];
  });
};

const describeWorst = (wrong: readonly Pair[], tolerance: Tolerance): string => {
  const excess = ([ours, theirs]: Pair): number =>
    distanceOf(ours.update, theirs.update) / Math.max(toleranceOf(theirs, tolerance), Number.MIN_VALUE);
  const [worst] = wrong.toSorted((left, right) => excess(right) - excess(left));
  if (worst === undefined) return '';
  const [ours, theirs] = worst;
  return [
    `worst ${ours.name}`,
    `norm ${figure(ours.update.norm)} against ${figure(theirs.update.norm)}`,
    `distance about ${figure(distanceOf(ours.update, theirs.update))}`,
    `bound ${figure(toleranceOf(theirs, tolerance))}`,
  ].join(', ');
};

/** Largest of what two witnesses say of the distance of two tensors. */
export const distanceOf = (left: Sketched, right: Sketched): number =>
  Math.max(Math.abs(left.norm - right.norm), sketchDistance(left, right));

/** Updates agree by now: a weight that differs was different before the first step. */
const compareWeights = (
  { model }: Subject,
  left: Observation,
  right: Observation,
  tolerance: Tolerance,
  other: string,
): Judgement | undefined => {
  const wrong = pairsOf(model, left, right).filter(
    ([ours, theirs]) => Math.abs(ours.norm - theirs.norm) > toleranceOf(theirs, tolerance),
  );
  const [first] = wrong;
  if (first === undefined) return undefined;
  return violated(
    'adapt',
    `trainable parameters started from other values than in ${other}`,
    `${wrong.length} trainable parameters, e.g. ${first[0].name}: norm ${first[0].norm} against ${first[1].norm}`,
  );
};

/** FSDP's own mixed precision puts out what it computes in; what is compared with it need not. */
export const isSameKind = (left: Kind, right: Kind, { config }: Subject): boolean =>
  left.shape.join() === right.shape.join() && (left.dtype === right.dtype || config['mixed_precision'] === 'bf16');

type Kind = Pick<NonNullable<Observation['outputs']>, 'dtype' | 'shape'>;

const compareOutputs = (
  subject: Subject,
  left: Observation,
  right: Observation,
  bound: number,
  other: string,
): Judgement | undefined => {
  const [ours, theirs] = [left.outputs, right.outputs];
  if (ours === undefined || theirs === undefined) return undefined;
  if (!isSameKind(ours, theirs, subject)) {
    const figures = `${ours.dtype}[${ours.shape.join(',')}] against ${theirs.dtype}[${theirs.shape.join(',')}]`;
    return violated('train', `outputs have another shape or dtype than in ${other}`, figures);
  }
  if (!exceeds(ours, theirs, bound * theirs.norm)) return undefined;
  const distance = figure(distanceOf(ours, theirs) / theirs.norm);
  return violated(
    'train',
    `outputs of the trained model differ from ${other}`,
    `relative distance about ${distance}, bound ${figure(bound)}, though updates agree`,
  );
};
