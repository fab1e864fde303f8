import { phases } from '../matrices/phase.ts';

/** What a violation is of. */
interface Place {
  readonly property: string;
  readonly phase: string;
}

/**
 * Whether nobody can tell, where one failure shows, if another is there too: what stops a cell hides all that comes later; and another
 * message of the same property at the same place, it, too.
 */
export const hides = ({ property, phase }: Place, other: Place): boolean => {
  const order = placeOf(phase) - placeOf(other.phase);
  return (property === 'runs' && order < 0) || (order === 0 && (property === other.property || property === 'runs'));
};

const placeOf = (phase: string): number => phases.findIndex((one) => one === phase);
