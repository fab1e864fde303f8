import type { CellRequest } from '../containers/cell-request.ts';
import type { Phase } from '../matrices/phase.ts';
import { allProperties } from './all.ts';
import type { Subject } from './property.ts';
import { isDistributed } from './unsharded-reference.ts';
import { phasesOfUsage, usages } from './usage.ts';

/**
 * The phases that a cell goes through: up to training, and then what its properties look at, no more.
 *
 * A single process tries its usages one by one, so that one failure does not hide another. Ranks that work together end
 * together: there the same phases follow each other, and the first failure is the last.
 */
export const lifeOf = (subject: Subject): Pick<CellRequest, 'phases' | 'usages'> => {
  const wanted = new Set(
    allProperties.filter(({ applies }) => applies(subject)).flatMap((property) => property.usages?.(subject) ?? []),
  );
  const lives = usages
    .filter((usage) => wanted.has(usage))
    .map((usage) => phasesOfUsage[usage].filter((phase) => isOffered(subject, phase)));
  const trunk = ['build', 'adapt', 'wrap', 'train'] as const;
  return isDistributed(subject)
    ? { phases: [...trunk, ...lives.flat()], usages: [] }
    : { phases: [...trunk], usages: lives };
};

/** A method that merges may still be one that cannot be unmerged. */
const isOffered = ({ adapter }: Subject, phase: Phase): boolean =>
  phase !== 'unmerge' || adapter.promises.unmerge !== 'no';
