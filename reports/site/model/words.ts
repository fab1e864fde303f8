import type { Combined } from '../../support-matrix/combine-states.ts';
import type { SupportFailure, SupportState } from '../../support-matrix/support-matrix-model.ts';

/** Best first. The schema has the same list, and all of zod behind it. */
export const states: readonly SupportState[] = ['works', 'partly', 'fails', 'not-offered', 'unknown'];

/** What each state is called. */
export const stateWords: Readonly<Record<SupportState, string>> = {
  works: 'works',
  partly: 'works partly',
  fails: 'fails',
  'not-offered': 'not offered',
  unknown: 'unknown',
};

/** What each state means, for a legend. */
export const stateMeanings: Readonly<Record<SupportState, string>> = {
  works: 'every run passed',
  partly: 'some runs passed, or failed in nothing but what is done with a trained adapter',
  fails: 'every run failed, and none trained, was saved and loaded as it should be',
  'not-offered': 'the release does not have it, or refuses it',
  unknown: 'nothing was run',
};

export const runsOf = ({ pass, fail, flaky }: Combined): number => pass + fail + flaky;

/** `works partly: 8 of 12 runs passed`. */
export const sayCombined = (combined: Combined): string => {
  const runs = runsOf(combined);
  const words = stateWords[combined.state];
  if (runs === 0) return combined.state === 'unknown' ? 'unknown: nothing was run' : words;
  const flaky = combined.flaky === 0 ? '' : `, ${combined.flaky} disagreed with a second run`;
  return `${words}: ${combined.pass} of ${plural(runs, 'run')} passed${flaky}`;
};

/** The same in the few characters that a place in a table has. */
export const shortCombined = (combined: Combined): string => {
  const runs = runsOf(combined);
  if (runs === 0) return '';
  return combined.state === 'works' ? String(runs) : `${combined.pass}/${runs}`;
};

/** A place in words that hold what is seen of it: `works partly, 8/12 runs passed`. */
export const sayPlace = (combined: Combined): string => {
  const words = stateWords[combined.state];
  const runs = runsOf(combined);
  return runs === 0 ? words : `${words}, ${shortCombined(combined)} ${runs === 1 ? 'run' : 'runs'} passed`;
};

/** `1 run`, `1,200 runs`. */
export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** The day of a night, `week@2026-09-15`, or that on which a campaign ended. */
export const nightOf = ({ id, finishedAt }: { readonly id: string; readonly finishedAt: string }): string =>
  /@(?<day>\d{4}-\d\d-\d\d)$/u.exec(id)?.groups?.['day'] ?? finishedAt.slice(0, 10);

/** `2026-11-25 03:10`, in UTC as all times of campaigns are. */
export const shortTime = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

/** `IndexError: tuple index out of range`; a violation that is no exception has its message alone. */
export const looksOf = ({ exception, message }: Pick<SupportFailure, 'exception' | 'message'>): string =>
  exception === '' ? message : `${exception}: ${message}`;

/** `0.20.0`, `0.12.0 … 0.21.2 (7)`: the first and the last of them, and how many. */
export const sayReleases = (releases: readonly string[]): string =>
  releases.length === 1 ? (releases[0] ?? '') : `${releases[0] ?? ''} … ${releases.at(-1) ?? ''} (${releases.length})`;
