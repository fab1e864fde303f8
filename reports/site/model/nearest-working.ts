import type { SupportCell, SupportRow } from '../../support-matrix/support-matrix-model.ts';
import type { Question } from './answer.ts';
import { isAskedIn } from './failure-history.ts';
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
  nearest(index, question, limit, () => true);

/** The same for whoever has a failure: a run that was never asked what it violates is no way around it. */
export const nearestWithout = (index: SiteIndex, id: string, question: Question, limit = 4): readonly Neighbour[] => {
  const failure = index.matrix.failures[id];
  return nearest(index, question, limit, (row) => failure !== undefined && isAskedIn(failure, row, id));
};

const nearest = (
  index: SiteIndex,
  question: Question,
  limit: number,
  counts: (row: SupportRow) => boolean,
): readonly Neighbour[] =>
  index.evidence
    .filter(({ evidence }) => evidence.device === question.evidence.evidence.device)
    .flatMap((evidence) => {
      const rows = rowsOf(index, evidence.index, question.method).filter(counts);
      return neighboursIn(rows, question, evidence);
    })
    .toSorted((left, right) => distance(index, question, left) - distance(index, question, right))
    .slice(0, limit);

const neighboursIn = (rows: readonly SupportRow[], question: Question, evidence: EvidenceClass): readonly Neighbour[] =>
  rows.flatMap(({ method, sharding, precision, cells }) =>
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
