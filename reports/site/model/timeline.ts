import type { FailureChange } from '../../diff/diff-model.ts';
import { showEvidence } from '../../support-matrix/evidence-words.ts';
import type { SiteNight } from '../site-model.ts';
import type { FailureLane } from './failure-history.ts';
import { nightOf } from './words.ts';

/** What a release or a night says of a failure. */
export interface TimelinePoint {
  /** The release, or the day of the night; with the time, where that day had several. */
  readonly name: string;
  /** `met`: no cell of the plan shows it, it was met while shrinking. `none`: it was not run there, or nothing is told of it. */
  readonly state: 'shows' | 'met' | 'clear' | 'none';
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

/** The nights of one matrix in one executor, or its campaigns. */
export interface NightLane extends TimelineLane {
  readonly isNight: boolean;
}

/**
 * A failure across nights, a lane for each matrix and executor: whether each of them shows it. Lanes in which nothing is told
 * of it are left out.
 *
 * @param nights - Oldest first.
 */
export const acrossNights = (nights: readonly SiteNight[], id: string): readonly NightLane[] => {
  const lines = Map.groupBy(nights, ({ campaign }) => `${campaign.matrix}, ${campaign.executor}`);
  return [...lines].flatMap(([name, ofLine]) => {
    const days = Map.groupBy(ofLine, ({ campaign }) => nightOf(campaign));
    const points = ofLine.map((night) => {
      const day = nightOf(night.campaign);
      const isAlone = (days.get(day)?.length ?? 0) < 2;
      return { name: isAlone ? day : `${day} ${night.campaign.finishedAt.slice(11, 19)}`, ...pointOf(night, id) };
    });
    const isNight = ofLine.every((night) => night.isNight);
    return points.some(({ state }) => state !== 'none') ? [{ name, isNight, points }] : [];
  });
};

const pointOf = ({ diff, found }: SiteNight, id: string): Omit<TimelinePoint, 'name'> => {
  const told = [...found.map((one) => ({ ...one, word: 'found', isShown: true })), ...(diff?.changes ?? []).map(wordOf)]
    .filter(({ failure }) => failure === id)
    .filter(({ word }) => word !== undefined);
  const shown = told.filter(({ isShown }) => isShown);
  const count = shown.reduce((sum, { cells }) => sum + cells, 0);
  const said = [...new Set(told.map(({ word }) => word))].join(', ');
  if (told.length === 0) return { state: 'none', count, said: 'nothing told' };
  if (shown.length === 0) return { state: 'clear', count, said };
  return count === 0
    ? { state: 'met', count, said: `${said}, met while shrinking` }
    : { state: 'shows', count, said: `${said}: ${count}` };
};

/** What a change says of its failure; undefined: nothing. */
const wordOf = (change: FailureChange): Pick<FailureChange, 'failure' | 'cells'> & ToldOf => {
  const { failure, cells } = change;
  const isFound = change.change === 'not-asked' && change.missing === 'a';
  const word = isFound ? 'found' : change.change === 'not-asked' ? undefined : change.change;
  return { failure, cells, word, isShown: isFound || isShown(change) };
};

interface ToldOf {
  readonly word: string | undefined;
  /** The night shows the failure. */
  readonly isShown: boolean;
}

/** Of what has changed into another failure, the newer campaign shows that one. */
const isShown = ({ change, becomes }: FailureChange): boolean =>
  ['regressed', 'new', 'same'].includes(change) || (change === 'changed' && becomes === undefined);
