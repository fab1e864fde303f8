import type { CampaignDiff, FailureChange } from '../../diff/diff-model.ts';
import { showEvidence } from '../../support-matrix/evidence-words.ts';
import type { FailureLane } from './failure-history.ts';
import { nightOf } from './words.ts';

/** What a release or a night says of a failure. */
export interface TimelinePoint {
  /** The release, or the day of the night. */
  readonly name: string;
  /** `none`: it was not run there, or nothing is told of it. */
  readonly state: 'shows' | 'clear' | 'none';
  /** Runs or cells that show it. */
  readonly count: number;
  /** The numbers in words. */
  readonly said: string;
}

/** A line of points, such as one kind of evidence, or the nights of one matrix. */
export interface TimelineLane {
  readonly name: string;
  readonly points: readonly TimelinePoint[];
}

/** A failure across releases, a lane for each kind of evidence. */
export const acrossReleases = (lanes: readonly FailureLane[]): readonly TimelineLane[] =>
  lanes.map(({ evidence, points }) => ({
    name: showEvidence(evidence.evidence),
    points: points.map(({ release, runs, shown }) => ({
      name: release,
      state: shown > 0 ? 'shows' : runs > 0 ? 'clear' : 'none',
      count: shown,
      said: runs === 0 ? 'not run' : `${shown} of ${runs}`,
    })),
  }));

/**
 * A failure across nights, a lane for each matrix and executor: whether the newer campaign of each diff shows it. Lanes in
 * which nothing is told of it are left out.
 *
 * @param nights - Oldest first.
 */
export const acrossNights = (nights: readonly CampaignDiff[], id: string): readonly TimelineLane[] => {
  const lines = Map.groupBy(nights, ({ b }) => `${b.matrix}, ${b.executor}`);
  return [...lines].flatMap(([name, diffs]) => {
    const points = diffs.map((diff) => pointOf(diff, id));
    return points.some(({ state }) => state !== 'none') ? [{ name, points }] : [];
  });
};

const pointOf = ({ b, changes }: CampaignDiff, id: string): TimelinePoint => {
  const told = changes.filter(({ failure, change }) => failure === id && change !== 'not-asked');
  const shown = told.filter(isShown);
  const count = shown.reduce((sum, { cells }) => sum + cells, 0);
  const said = [...new Set(told.map(({ change }) => change))].join(', ');
  return {
    name: nightOf(b),
    state: shown.length > 0 ? 'shows' : told.length > 0 ? 'clear' : 'none',
    count,
    said: said === '' ? 'nothing told' : shown.length > 0 ? `${said}: ${count}` : said,
  };
};

/** Of what has changed into another failure, the newer campaign shows that one. */
const isShown = ({ change, becomes }: FailureChange): boolean =>
  ['regressed', 'new', 'same'].includes(change) || (change === 'changed' && becomes === undefined);
