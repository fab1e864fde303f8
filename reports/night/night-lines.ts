import type { Bisect, Culprit } from '../bisect-model.ts';
import { countOf } from '../text/count.ts';
import { oneLine } from '../text/safe-text.ts';
import { showCommits, showCulprit } from '../text/show-bisect.ts';
import type { Night, NightPin, StandingFailure } from './night-model.ts';
import { nightOutcome } from './night-outcome.ts';
import { newsOf, wasBrought } from './night-news.ts';

/** `quick, the night of 2026-11-20, against 2026-11-19; local`. */
export const nightTitle = ({ matrix, day, against, executor }: Night): string =>
  `${oneLine(matrix, 80)}, the night of ${day}, ${against === undefined ? 'the first' : `against ${against}`}; ${oneLine(executor, 40)}`;

/** What is new of a pin: `peft-0.20.0 new, after peft-0.19.1: peft 0.19.1 -> 0.20.0`. Empty where nothing is. */
export const pinNews = ({ id, versions, isNew, follows, moved, broken }: NightPin): string => {
  if (broken !== undefined) return `${oneLine(id, 80)} could not be asked: ${oneLine(broken, 300)}`;
  if (!isNew && moved.length === 0) return '';
  const after = follows === undefined ? '' : `, after ${oneLine(follows, 80)}`;
  // The same pin in other packages is no new one.
  const mark = isNew && (follows !== undefined || moved.length === 0) ? ' new' : '';
  return oneLine(`${id}${mark}${after}${moved.length === 0 ? '' : `: ${showMoves(moved, versions)}`}`, 600);
};

/** The packages that a pin tells of; of the others one, and how many there are. */
const showMoves = (moved: NightPin['moved'], versions: NightPin['versions']): string => {
  const told = moved.filter(({ package: name }) => Object.hasOwn(versions, name));
  const [first, ...more] = moved.filter((move) => !told.includes(move));
  return [
    ...[...told, ...(first === undefined ? [] : [first])].map((move) => `${move.package} ${move.from} -> ${move.to}`),
    ...(more.length === 0 ? [] : [`and ${countOf(more.length, 'more package')}`]),
  ].join(', ');
};

/** What brought a failure, or why that is not known; empty where nobody asked. */
export const culpritOf = ({ bisect, unbisected }: Pick<StandingFailure, 'bisect' | 'unbisected'>): string => {
  if (bisect === undefined) return unbisected === undefined ? '' : `no culprit: ${oneLine(unbisected, 300)}`;
  const told = bisect.culprits.map((culprit) => culpritWithCommit(culprit, bisect));
  return told.length > 0 ? told.join('; ') : `no culprit: ${oneLine(bisect.unanswered ?? 'none was found', 300)}`;
};

/** What brought each failure that stands, in words. What only went tonight was brought on another night: of that it says nothing. */
export const culpritsOf = (night: Night): ReadonlyMap<string, string> => {
  const { broke } = newsOf(night);
  const brought = new Set(broke.filter(wasBrought).map(({ failure }) => failure));
  const went = new Set(broke.map(({ failure }) => failure).filter((id) => !brought.has(id)));
  return new Map(
    night.failures
      .filter(({ failure }) => !went.has(failure.id))
      .map((standing) => [standing.failure.id, culpritOf(standing)]),
  );
};

const culpritWithCommit = (culprit: Culprit, bisect: Bisect): string => {
  const { commits } = culprit;
  return [
    showCulprit(culprit, bisect),
    ...(commits === undefined || commits.candidates.length === 0 ? [] : [`by ${showCommits(commits)}`]),
  ].join(', ');
};

/** `2 broke, 1 found, 0 mended, 14 stand; 3 campaigns`, and the exit code with its reasons. */
export const nightSummary = (night: Night): readonly string[] => {
  const { broke, found, mended } = newsOf(night);
  const { exitCode, reasons } = nightOutcome(night);
  const counts = `${broke.length} broke, ${found.length} found, ${mended.length} mended, ${night.failures.length} stand`;
  return [
    night.suspect === undefined ? `${counts}; ${countOf(night.campaigns.length, 'campaign')}` : 'nothing is claimed',
    oneLine(`exit ${exitCode}: ${reasons.length === 0 ? 'as expected' : reasons.join('; ')}`, 600),
  ];
};
