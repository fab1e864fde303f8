import { isAskedOf } from '../../../properties/asked-of-ranks.ts';
import type { SupportCell, SupportFailure, SupportRow } from '../../support-matrix/support-matrix-model.ts';
import { allRowsOf, type EvidenceClass, type SiteIndex } from './site-index.ts';

/** What one release showed of a failure, on one kind of evidence. */
interface ReleasePoint {
  readonly release: string;
  /** Runs that could show it: of its method, sharding and precision, where its minimal config names them, and asked what it violates. */
  readonly runs: number;
  /** Runs that did. */
  readonly shown: number;
}

/** A failure across releases on one kind of evidence. */
export interface FailureLane {
  readonly evidence: EvidenceClass;
  readonly points: readonly ReleasePoint[];
}

/** Every kind of evidence that ran anything that could show the failure. */
export const failureHistory = (index: SiteIndex, id: string): readonly FailureLane[] => {
  const failure = index.matrix.failures[id];
  if (failure === undefined) return [];
  return index.evidence.flatMap((evidence) => {
    const rows = allRowsOf(index, evidence.index).filter((row) => couldShow(failure, row, id));
    const points = index.matrix.releases.map((release) => pointOf(rows, release, id));
    return points.some(({ runs }) => runs > 0) ? [{ evidence, points }] : [];
  });
};

/** Whether anything that could show a failure was run on a release, on one kind of evidence. */
export const couldShowOn = (index: SiteIndex, evidence: number, id: string, release: string): boolean => {
  const failure = index.matrix.failures[id];
  if (failure === undefined) return false;
  return allRowsOf(index, evidence).some((row) => runsIn(row.cells[release]) > 0 && couldShow(failure, row, id));
};

/** Whether runs of a row were asked what a failure violates; where one of them shows it, they were. */
export const isAskedIn = (failure: SupportFailure, row: SupportRow, id: string): boolean =>
  isAskedOf(failure, row.sharding) || showsIn(row, id);

const couldShow = (failure: SupportFailure, row: SupportRow, id: string): boolean => {
  const { minimal } = failure;
  const isOf = (axis: string, value: string): boolean => minimal[axis] === undefined || String(minimal[axis]) === value;
  const isAll = isOf('adapter', row.method) && isOf('sharding', row.sharding) && isOf('precision', row.precision);
  return (isAll && isAskedOf(failure, row.sharding)) || showsIn(row, id);
};

const showsIn = ({ cells }: SupportRow, id: string): boolean =>
  Object.values(cells).some((cell) => shownIn(cell.failures, id) > 0);

const pointOf = (rows: readonly SupportRow[], release: string, id: string): ReleasePoint => {
  let [runs, shown] = [0, 0];
  for (const { cells } of rows) {
    const cell = cells[release];
    if (cell === undefined) continue;
    runs += runsIn(cell);
    shown += shownIn(cell.failures, id);
  }
  return { release, runs, shown };
};

const runsIn = (cell: SupportCell | undefined): number => (cell?.pass ?? 0) + (cell?.fail ?? 0) + (cell?.flaky ?? 0);

const shownIn = (
  failures: readonly { readonly id: string; readonly cells: number }[] | undefined,
  id: string,
): number => failures?.find((failure) => failure.id === id)?.cells ?? 0;

/** Since when, and until when, as far as the runs tell; a bisect knows better. */
export interface SeenSpan {
  readonly first: string;
  readonly last: string;
  /** The last release before `first` that ran the like and did not show it. */
  readonly before: string | undefined;
  /** The first release after `last` that ran the like and did not show it. */
  readonly after: string | undefined;
}

export const seenSpan = ({ points }: Pick<FailureLane, 'points'>): SeenSpan | undefined => {
  const first = points.findIndex(({ shown }) => shown > 0);
  const last = points.findLastIndex(({ shown }) => shown > 0);
  if (first === -1) return undefined;
  return {
    first: points[first]?.release ?? '',
    last: points[last]?.release ?? '',
    before: points.slice(0, first).findLast(ran)?.release,
    after: points.slice(last + 1).find(ran)?.release,
  };
};

const ran = ({ runs }: ReleasePoint): boolean => runs > 0;
