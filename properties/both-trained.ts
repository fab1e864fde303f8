import type { Observation } from '../containers/observation.ts';
import { noEvidence } from './judgements.ts';
import type { Judgement } from './property.ts';
import { isFiniteRun } from './run-comparison.ts';

/**
 * Compares two runs that both trained, as far as they got, and gave numbers that are finite; otherwise there is no
 * evidence.
 *
 * @param other - how the other run is called: `the unsharded cell`.
 */
export const whereBothTrained = (
  observation: Observation,
  reference: Observation | undefined,
  other: string,
  compare: (reference: Observation) => Judgement,
): Judgement => {
  if (reference === undefined) return noEvidence(`${other} was not run`);
  if (!hasTrained(observation)) return noEvidence('the cell did not train');
  if (!hasTrained(reference)) return noEvidence(`${other} did not train`);
  if (!isFiniteRun(reference)) return noEvidence(`${other} has numbers that are not finite`);
  return isFiniteRun(observation) ? compare(reference) : noEvidence('the cell has numbers that are not finite');
};

const hasTrained = ({ losses, trainable }: Observation): boolean => losses !== undefined || trainable !== undefined;
