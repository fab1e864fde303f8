import type { Observation, Phase } from '../containers/observation.ts';
import { figure, violated } from './judgements.ts';
import type { Judgement } from './property.ts';

/** Where outputs were compared, and what it means if they are apart. */
export interface Comparison {
  readonly phase: Phase;
  readonly message: string;
  /** Largest relative distance that rounding explains. */
  readonly bound: number;
}

/**
 * A violation when outputs are further from those expected than the bound; NaN is within no bound. What was not measured
 * is not judged.
 */
export const sameOutputs = (
  distance: number | undefined,
  { phase, message, bound }: Comparison,
): Judgement | undefined =>
  distance === undefined || distance <= bound
    ? undefined
    : violated(phase, message, `relative distance ${figure(distance)}, bound ${figure(bound)}`);

/** An operation that may be refused in words but not go wrong; see `raised` where it may not be refused either. */
export interface Attempt {
  readonly distance?: number | undefined;
  readonly raised?: string | undefined;
}

/** A violation when something that the method promises was refused. */
export const raised = ({ raised: type }: Attempt, phase: Phase, what: string): Judgement | undefined =>
  type === undefined ? undefined : violated(phase, `${what} raised ${type}`, `${what} raised ${type}`);

/** False where training ended in NaN: `finite-and-moving` tells of it, and nothing is like such outputs. */
export const hasFiniteOutputs = ({ outputs }: Observation): boolean =>
  outputs === undefined || [outputs.norm, ...outputs.sketch].every(Number.isFinite);

/** Why there is nothing to compare with. */
export const notFinite = 'the trained model gives outputs that are not finite';
