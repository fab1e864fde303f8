import type { Adapter } from '../matrices/adapter.ts';
import type { Config } from '../matrices/config.ts';
import { InputError } from '../matrices/errors.ts';
import type { Subject } from './property.ts';

/*
 * How far two runs that compute the same thing may be apart.
 *
 * u is the unit roundoff of a dtype: half the distance from 1 to the next number. Rounding a result is an error of about
 * 0.42 u, root mean square over the mantissas (u / sqrt(3) at a mantissa of 1, half of that just below 2).
 *
 * Arithmetic. A gradient comes out of a chain of roundings: in each layer about 17 results forward and 17 backward
 * (seven matrix products, two norms, soft maximum, activation, residuals). Their errors add like a random walk, and two
 * runs that round apart everywhere differ by 0.42 u sqrt(2 * 34 layers) = 3.5 u sqrt(layers). Steps do not add to it: an
 * update is a sum over steps, and so is its error. The factors below hold that with room for what the estimate leaves
 * out; beside each stands the largest distance measured between sharded and unsharded runs (tiny Llama and GPT-2, two
 * layers, two gloo ranks, three steps, torch 2.13 on x64, adapters none, lora, dora, vera, adalora). At a learning rate of
 * 0.1, 1,764 updates in 168 sharded cells of seven adapters and none stayed below a quarter of their thresholds.
 *
 * Steps. The factors hold for learning rates up to 0.2 at a scale (alpha / rank) of 4: larger steps amplify rounding from
 * step to step. A step of A and B moves s B A by s (dB A + B dA), whose gradients carry s again: what counts is lr s^2.
 * Beyond 0.2 * 4^2 the bounds grow with it; see `growth`. Measured at 0.1, against float32 in bf16: outputs 0.02 apart at
 * a scale of 4, 0.09 to 0.19 at 16 (LoRA and DoRA of rank 1), where the bound is eight times as large.
 *
 * Resolution. A step stores w - lr * g rounded to the dtype of w, whatever the size of lr * g. That error belongs to the
 * weight, not to the update: 0.42 u |w| a step, and sqrt(2 steps) times that between two runs that round independently.
 * A full fine-tuning in bf16 whose steps are below half a unit of its weights loses them altogether, in both runs; all
 * that can be asked of it is that the two agree within this.
 *
 * Drift. Against float32 the roundings of one run stand alone, but they are all there, and so are those of the weights,
 * which the base model stores in its dtype: seven products a layer, forward and backward, on top of the 34 results:
 * 0.42 u sqrt(48 layers) = 2.9 u sqrt(layers). Two coarse runs share most of that; a coarse and an exact one share nothing.
 * See `driftBound`.
 *
 * Storage. Merging writes W + D in the dtype of W, unmerging W again: an error of 0.42 u sqrt(|W + D|^2 + |W|^2), which is
 * 1.3 u |W| for a change that is twice as large as its weight, whatever the depth. Methods that multiply by a matrix and
 * by its inverse accumulate a product more, so the roundings of the arithmetic bound hold it; see `storageBound`.
 *
 * Consequences, for a model of two layers. The length of an update is known exactly, so a length that is wrong by more
 * than 0.0015 % (fp32), 2.8 % (bf16), 1 % (fp16) or 14 % (bf16-autocast), plus the resolution, is seen for certain. An
 * error that only turns an update is seen through sketches, for certain at about nine times that, see
 * `sketch-distance.ts`. The resolution of fp32 is 0.006 % of an update of a thousandth of its weight: a learning rate
 * that moves weights by a hundredth keeps it out of the way.
 */

const unitRoundoffs: Readonly<Record<string, number>> = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
};

interface Precision {
  /** dtype in which the layers compute. */
  readonly computes: string;
  /** Precision whose bound holds what is done to weights at rest, where that is another. */
  readonly stores?: string;
  /** Distance of two runs that round apart, in units of u sqrt(layers). */
  readonly roundings: number;
}

const precisions: Readonly<Record<string, Precision>> = {
  // Products accumulate over 32 to 128 terms in float32 itself, so each result brings sqrt(32) to sqrt(128) times the
  // rounding: 20 to 40 u sqrt(layers), and large steps amplify it. Measured: 8 u at a learning rate of 0.05, 69 u at
  // 0.5. Bound for two layers: 255 u, 1.5e-5.
  fp32: { computes: 'float32', roundings: 180 },
  // Adapters are float32 and compute in float32; the base computes in bf16 and accumulates in float32. Measured: at most
  // 1e-5 at a learning rate of 0.05, 2e-4 at 0.5, where products round alike whatever the batch; on processors where they
  // do not, products differ by 5e-3 (1.3 u) between two allocations of the same matrix, and fp16 below shows what comes
  // of it: lengths off by 4 u, distances of 8 u, which three bounds still hold. Bound for two layers: 7 u, 2.8 %.
  bf16: { computes: 'bfloat16', roundings: 5 },
  // As bf16, but products do not round alike. Measured: distance 8 u, length 4 u, at 0.1. Bound: 21 u, 1 %.
  fp16: { computes: 'float16', roundings: 15 },
  // The adapters compute in bf16 too, and each rank rounds its part of a weight's gradient to bf16 before they are
  // averaged. Measured: 6 u at 0.05 and 0.1; 19 u, outputs 26 u, at 0.5. Bound for two layers: 35 u, 14 %: enough for
  // a gradient that is counted twice or halved, not for less.
  'bf16-autocast': { computes: 'bfloat16', roundings: 25, stores: 'fp32' },
};

/**
 * Largest relative distance between two runs of the same training that differ only in how their arithmetic is
 * scheduled. Dimensionless; of updates, losses and outputs.
 *
 * @throws InputError when the config's precision has no bound here.
 */
export const arithmeticBound = (subject: Subject): number => {
  const { computes, roundings } = precisionOf(precisionIn(subject.config));
  return roundings * unitRoundoff(computes) * Math.sqrt(Math.max(subject.model.layers, 1)) * growth(subject);
};

/**
 * Largest relative distance that computing in a coarse dtype brings between a run and the same run in float32: of losses,
 * outputs, and the updates of all parameters of a kind together. Dimensionless.
 *
 * 2.9 u sqrt(layers) by the derivation above; three times that leaves room for updates that are small differences of large
 * terms. Measured against fp32 over ten adapters on two models: lengths at most 2.4 u sqrt(layers), distances 9.3, outputs
 * 7 (both by sketches, whose bound is three times this one), losses 0.5. For two layers: 5.6 % in bf16, 0.7 % in fp16.
 *
 * @throws InputError when the config's precision has no bound here.
 */
export const driftBound = (subject: Subject): number =>
  10 *
  unitRoundoff(precisionOf(precisionIn(subject.config)).computes) *
  Math.sqrt(Math.max(subject.model.layers, 1)) *
  growth(subject);

/** By how much steps that are larger than those that were measured amplify rounding; 1 for all others. */
const growth = ({ config, adapter }: Subject): number => {
  const step = Number(config['learning_rate'] ?? 0) * scaleOf(config, adapter) ** 2;
  return Math.max(1, step / (0.2 * usualScale ** 2));
};

const usualScale = 4;

const scaleOf = (config: Config, { scale }: Pick<Adapter, 'scale'>): number => {
  if (scale === undefined) return usualScale;
  const rank = Number(config[scale.rank]);
  const divisor = scale.squareRoot !== undefined && config[scale.squareRoot] === true ? Math.sqrt(rank) : rank;
  return Number(config[scale.alpha]) / divisor;
};

/**
 * Largest relative distance of a base weight from what it was, after a change was added and taken away again.
 *
 * @throws InputError when the config's precision has no bound here.
 */
export const storageBound = ({ config }: Subject): number => {
  const precision = precisionOf(precisionIn(config));
  const { computes, roundings } = precision.stores === undefined ? precision : precisionOf(precision.stores);
  return roundings * unitRoundoff(computes);
};

/** Distance that rounding the weights after each step can bring between two runs, in the weights' own unit. */
export const resolutionBound = (dtype: string, weightNorm: number, steps: number): number =>
  rmsRounding * unitRoundoff(dtype) * weightNorm * Math.sqrt(2 * Math.max(steps, 1));

/** True where the same seed gives the same bits: float32 throughout. */
export const isExact = ({ config }: Subject): boolean => precisionOf(precisionIn(config)).computes === 'float32';

/** True for a dtype coarser than float32, in which a step can be below the resolution of a weight. */
export const isCoarse = (dtype: string): boolean => unitRoundoff(dtype) > unitRoundoff('float32');

/** Root mean square of (ulp / (u |w|)) / sqrt(12) over a logarithmic mantissa: 2 sqrt(3 / (8 ln 2)) / sqrt(12). */
const rmsRounding = (2 * Math.sqrt(3 / (8 * Math.LN2))) / Math.sqrt(12);

const unitRoundoff = (dtype: string): number => unitRoundoffs[dtype.replace(/^torch\./, '')] ?? 2 ** -24;

/** Under FSDP's own bf16 adapters, gradients and outputs are bf16 over weights that are not, as under autocast. */
const precisionIn = (config: Config): unknown =>
  config['mixed_precision'] === 'bf16' ? 'bf16-autocast' : config['precision'];

const precisionOf = (name: unknown): Precision => {
  const precision = precisions[String(name)];
  if (precision !== undefined) return precision;
  const known = Object.keys(precisions).join(', ');
  throw new InputError(
    `No bound is known for precision=${String(name)} (known: ${known}). Add it to properties/bounds.ts with its derivation.`,
  );
};
