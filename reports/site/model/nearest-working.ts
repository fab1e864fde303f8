import type { SupportCell } from '../../support-matrix/support-matrix-model.ts';
import type { Question } from './answer.ts';
import { rowsOf, type EvidenceClass, type SiteIndex } from './site-index.ts';

/** A combination near the one that was asked about, of which runs passed. */
export interface Neighbour {
  readonly evidence: EvidenceClass;
  readonly method: string;
  readonly release: string;
  readonly sharding: string;
  readonly precision: string;
  readonly cell: SupportCell;
  /** Names of what is another than asked for: release, sharding, precision; none: it passed with other values. */
  readonly changed: readonly string[];
  /** Every run of it passed. */
  readonly isWhole: boolean;
}

/**
 * The nearest combinations that passed, of the same method and on the same kind of device: what changes least comes first,
 * and a precision is changed before a release, a release before a sharding.
 */
export const nearestWorking = (index: SiteIndex, question: Question, limit = 4): readonly Neighbour[] =>
  index.evidence
    .filter(({ evidence }) => evidence.device === question.evidence.evidence.device)
    .flatMap((evidence) => neighboursOn(index, question, evidence))
    .toSorted((left, right) => distance(index, question, left) - distance(index, question, right))
    .slice(0, limit);

const neighboursOn = (index: SiteIndex, question: Question, evidence: EvidenceClass): readonly Neighbour[] =>
  rowsOf(index, evidence.index, question.method).flatMap(({ method, sharding, precision, cells }) =>
    Object.entries(cells).flatMap(([release, cell]): readonly Neighbour[] => {
      if ((cell.pass ?? 0) === 0) return [];
      const changed = [
        ...(release === question.release ? [] : ['release']),
        ...(sharding === question.sharding ? [] : ['sharding']),
        ...(precision === question.precision ? [] : ['precision']),
      ];
      return [{ evidence, method, release, sharding, precision, cell, changed, isWhole: cell.state === 'works' }];
    }),
  );

const distance = ({ matrix: { releases } }: SiteIndex, question: Question, near: Neighbour): number => {
  const steps = Math.abs(releases.indexOf(near.release) - releases.indexOf(question.release));
  return (
    (near.release === question.release ? 0 : 4 + steps / 4) +
    (near.sharding === question.sharding ? 0 : 8) +
    (near.precision === question.precision ? 0 : 3) +
    (near.evidence.index === question.evidence.index ? 0 : 1) +
    (near.isWhole ? 0 : 0.5)
  );
};
