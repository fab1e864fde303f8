import type { ReportedPin } from '../report-model.ts';
import type { CampaignDiff } from './diff-model.ts';

/** A pin of A and the pin of B that it is compared with, by their ids. */
export interface PinPair {
  readonly a: string;
  readonly b: string;
}

/**
 * Which pins are compared: those of the same id and device, whatever else changed in their environments, and those that
 * are `given`, which come first: a pin that is given is compared with nothing else.
 */
export const pairPins = (
  a: readonly ReportedPin[],
  b: readonly ReportedPin[],
  given: readonly PinPair[] = [],
): CampaignDiff['pins'] => {
  const same = a.flatMap(({ id, device }): PinPair[] => {
    const isGiven = given.some((pair) => pair.a === id || pair.b === id);
    const isThere = b.some((other) => other.id === id && other.device === device);
    return isThere && !isGiven ? [{ a: id, b: id }] : [];
  });
  const paired = [...given, ...same];
  return {
    paired,
    onlyA: a.map(({ id }) => id).filter((id) => paired.every((pair) => pair.a !== id)),
    onlyB: b.map(({ id }) => id).filter((id) => paired.every((pair) => pair.b !== id)),
  };
};
