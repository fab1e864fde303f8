import { combineCells, type Combined } from '../../support-matrix/combine-states.ts';
import type { SupportState } from '../../support-matrix/support-matrix-model.ts';
import { couldShowOn } from './failure-history.ts';
import { allRowsOf, type SiteIndex } from './site-index.ts';

/** What kinds of change there are from one release to the next, in the order in which they matter. */
export const releaseChangeKinds = ['worse', 'better', 'offered', 'withdrawn', 'first-run', 'not-run'] as const;
export type ReleaseChangeKind = (typeof releaseChangeKinds)[number];

/** A method, sharding and precision whose state is another one than on the release before. */
export interface ReleaseChange {
  readonly kind: ReleaseChangeKind;
  readonly method: string;
  readonly sharding: string;
  readonly precision: string;
  readonly before: Combined;
  readonly after: Combined;
}

/** The release of the columns that stands before one, whatever was run on it. */
export const releaseBefore = ({ matrix: { releases } }: SiteIndex, release: string): string | undefined =>
  releases[releases.indexOf(release) - 1];

/** What changed against the release before, on one kind of evidence. */
export const releaseChanges = (index: SiteIndex, evidence: number, release: string): readonly ReleaseChange[] => {
  const earlier = releaseBefore(index, release);
  if (earlier === undefined) return [];
  return allRowsOf(index, evidence)
    .flatMap(({ method, sharding, precision, cells }): readonly ReleaseChange[] => {
      const [before, after] = [combineCells([cells[earlier]]), combineCells([cells[release]])];
      const kind = changeOf(before.state, after.state);
      return kind === undefined ? [] : [{ kind, method, sharding, precision, before, after }];
    })
    .toSorted((left, right) => releaseChangeKinds.indexOf(left.kind) - releaseChangeKinds.indexOf(right.kind));
};

const changeOf = (before: SupportState, after: SupportState): ReleaseChangeKind | undefined => {
  if (before === after) return undefined;
  if (after === 'unknown') return 'not-run';
  if (before === 'unknown') return 'first-run';
  if (after === 'not-offered') return 'withdrawn';
  if (before === 'not-offered') return 'offered';
  return goodness[after] > goodness[before] ? 'better' : 'worse';
};

const goodness = { works: 2, partly: 1, fails: 0 } as const;

/** Failures that one of two neighbouring releases shows and the other does not. */
export interface FailureMoves {
  /** What could show it was run on the release before, and did not. */
  readonly appeared: readonly string[];
  /** The other way about: what could show it was run on this release. */
  readonly vanished: readonly string[];
  /** The release before shows it, and nothing that could was run on this one. */
  readonly unaskedHere: readonly string[];
  /** This release shows it, and nothing that could was run on the one before. */
  readonly unaskedBefore: readonly string[];
}

/** What came and what went against the release before, on one kind of evidence, as far as runs tell. */
export const failureMoves = (index: SiteIndex, evidence: number, release: string): FailureMoves => {
  const earlier = releaseBefore(index, release);
  if (earlier === undefined) return { appeared: [], vanished: [], unaskedHere: [], unaskedBefore: [] };
  const shown = (on: string): ReadonlySet<string> =>
    new Set(allRowsOf(index, evidence).flatMap(({ cells }) => (cells[on]?.failures ?? []).map(({ id }) => id)));
  const [before, after] = [shown(earlier), shown(release)];
  const came = [...after.difference(before)].toSorted();
  const went = [...before.difference(after)].toSorted();
  const isAsked = (id: string, on: string): boolean => couldShowOn(index, evidence, id, on);
  return {
    appeared: came.filter((id) => isAsked(id, earlier)),
    vanished: went.filter((id) => isAsked(id, release)),
    unaskedHere: went.filter((id) => !isAsked(id, release)),
    unaskedBefore: came.filter((id) => !isAsked(id, earlier)),
  };
};
