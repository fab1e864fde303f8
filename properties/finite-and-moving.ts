import type { Observation, Trainable } from '../containers/observation.ts';
import { isCoarse } from './bounds.ts';
import { figure, firstViolation, noEvidence, violated } from './judgements.ts';
import { kindsOf, listNames } from './parameter-kind.ts';
import type { Judgement, Property, Subject } from './property.ts';
import type { Sketched } from './sketch-distance.ts';

export const finiteAndMoving: Property = {
  id: 'finite-and-moving',
  version: 1,
  claim: 'Losses, gradients and parameters are finite and of sane size, and every trainable parameter moved.',
  applies: () => true,
  judge: (subject, observation) => {
    const { losses, trainable } = observation;
    if (losses === undefined && trainable === undefined) return noEvidence('the cell did not train');
    // A number that is not finite spreads: what comes first in a step is the cause.
    return firstViolation(
      () => judgeFigures('losses', losses),
      () => judgeFigures('gradient norms', observation.gradientNorms),
      () => judgeParameters(trainable ?? []),
      () => judgeOutputs(observation),
      () => judgeSizeOfLosses(subject, losses ?? []),
      () => judgeSizeOfGradients(observation.gradientNorms ?? []),
      () => judgeMovement(subject, trainable ?? []),
    );
  },
};

const judgeFigures = (what: string, figures: readonly number[] | undefined): Judgement | undefined => {
  const step = (figures ?? []).findIndex((value) => !Number.isFinite(value));
  if (figures === undefined || step === -1) return undefined;
  return violated('train', `${what} are not finite`, `${what} by step: ${figures.join(', ')}`);
};

const judgeParameters = (trainable: readonly Trainable[]): Judgement | undefined => {
  const broken = trainable.filter(({ norm, update }) => !Number.isFinite(norm) || !isAllFinite(update));
  if (broken.length > 0) return ofParameters(broken, trainable, 'are not finite after training');
  const huge = trainable.filter(({ norm, shape }) => norm > largestValue * Math.sqrt(elements(shape)));
  return huge.length > 0 ? ofParameters(huge, trainable, 'are of insane size after training') : undefined;
};

const judgeOutputs = ({ outputs }: Observation): Judgement | undefined => {
  if (outputs === undefined) return undefined;
  if (!isAllFinite(outputs)) return violated('train', 'outputs are not finite', `norm of the logits: ${outputs.norm}`);
  const size = outputs.norm / Math.sqrt(elements(outputs.shape));
  if (size <= largestValue) return undefined;
  return violated('train', 'outputs are of insane size', `root mean square of the logits: ${figure(size)}`);
};

/**
 * A model that ends in a normalisation has logits of about 1 before it has learned anything, so its loss is near
 * ln(vocabulary) and at most ln(vocabulary) + 2 sqrt(hidden size): 15 for 64 words and 32 dimensions. Ten times
 * ln(vocabulary), 42, is out of its reach. Training on noise with a rate that fits does not multiply the loss by ten.
 * Cross-entropy is never negative.
 */
const judgeSizeOfLosses = ({ model }: Subject, losses: readonly number[]): Judgement | undefined => {
  const vocabulary = model.arguments['vocab_size'];
  const first = losses[0] ?? 0;
  const chance = typeof vocabulary === 'number' && vocabulary > 1 ? Math.log(vocabulary) : first;
  if (losses.every((loss, step) => loss >= 0 && loss <= 10 * (step === 0 ? chance : Math.max(chance, first))))
    return undefined;
  const figures = losses.map(figure).join(', ');
  return violated('train', 'losses are of insane size', `losses by step: ${figures}; chance is ${figure(chance)}`);
};

const judgeSizeOfGradients = (norms: readonly number[]): Judgement | undefined =>
  norms.every((norm) => norm <= largestGradient)
    ? undefined
    : violated('train', 'gradient norms are of insane size', `gradient norms by step: ${norms.map(figure).join(', ')}`);

const judgeMovement = (subject: Subject, trainable: readonly Trainable[]): Judgement | undefined => {
  const still = trainable.filter(({ update }) => update.norm === 0);
  const unexcused = still.filter((parameter) => !isExcused(subject, parameter, still.length < trainable.length));
  return unexcused.length > 0 ? ofParameters(unexcused, trainable, 'did not move') : undefined;
};

/**
 * Full fine-tuning in a coarse dtype loses steps that are below the resolution of a weight, as does an adapter that was
 * asked to keep the dtype of its base, and any weight at a small learning rate: the user's choice and nothing of PEFT's,
 * unless nothing at all moves. An adapter that PEFT keeps in a coarse dtype by itself and that therefore does not learn is
 * PEFT's (until 0.12 it did).
 */
const isExcused = ({ adapter, model, config }: Subject, { name, dtype }: Trainable, othersMoved: boolean): boolean => {
  if ([...adapter.mayStandStill, ...model.mayStandStill].some((pattern) => new RegExp(pattern).test(name))) return true;
  if (!othersMoved) return false;
  if (Number(config['learning_rate'] ?? smallRate) < smallRate) return true;
  return isCoarse(dtype) && (adapter.configClass === null || config['autocast_adapter_dtype'] === false);
};

/** Below it a step may be too small for any dtype: a thousandth of a gradient of 1e-5 is lost beside a weight of 1. */
const smallRate = 0.01;

const ofParameters = (found: readonly Trainable[], all: readonly Trainable[], what: string): Judgement => {
  const names = found.map(({ name }) => name);
  const dtypes = [...new Set(found.map(({ dtype }) => dtype))].toSorted().join(', ');
  return violated(
    'train',
    `trainable parameters ${what}: ${kindsOf(names)} (${dtypes})`,
    `${found.length} of ${all.length} trainable parameters ${what}: ${listNames(names)} (${dtypes})`,
  );
};

/** Root mean square of a tensor. Weights and logits of a model that is normalised are about 1. */
const largestValue = 1e3;

/** Measured: at most 2.3 over all adapters on the tiny models. */
const largestGradient = 1e4;

const isAllFinite = ({ norm, sketch }: Sketched): boolean => [norm, ...sketch].every(Number.isFinite);

const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
