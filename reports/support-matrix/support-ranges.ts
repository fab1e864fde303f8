import { compare, explain } from '@renovatebot/pep440';
import type { SupportRange, SupportState } from './support-matrix-model.ts';

/**
 * Releases with the same state, oldest first. A release between two others that has no state is a range of `unknown`, and
 * so are releases that must exist between two neighbours of the list, which were not run at all.
 *
 * @param releases - All columns, oldest first.
 */
export const supportRanges = (
  releases: readonly string[],
  stateOf: (release: string) => SupportState,
): readonly SupportRange[] => {
  const ranges: Writable[] = [];
  for (const release of releases) {
    const state = stateOf(release);
    const last = ranges.at(-1);
    const before = last?.releases.at(-1);
    const isUnknown = state === 'unknown' && last?.state === state;
    const isApart = before !== undefined && !isUnknown && !areNeighbours(before, release);
    if (last === undefined || isApart || last.state !== state) {
      if (isApart) ranges.push({ state: 'unknown', interval: `(${before}, ${release})`, releases: [] });
      ranges.push({ state, interval: '', releases: [release] });
    } else last.releases.push(release);
  }
  return ranges.map(({ state, interval, releases: within }) => ({
    state,
    interval: interval === '' ? intervalOf(within) : interval,
    releases: within,
  }));
};

/** Oldest first; what is no PEP 440 version comes last. */
export const compareReleases = (left: string, right: string): number => {
  const [one, other] = [explain(left), explain(right)];
  if (one !== null && other !== null) return compare(left, right) || (left < right ? -1 : Number(left > right));
  if (one === null && other === null) return left < right ? -1 : Number(left > right);
  return one === null ? 1 : -1;
};

interface Writable {
  readonly state: SupportState;
  readonly interval: string;
  readonly releases: string[];
}

const intervalOf = (releases: readonly string[]): string => {
  const [first = ''] = releases;
  const last = releases.at(-1) ?? first;
  return first === last ? `[${first}]` : `[${first}, ${last}]`;
};

/** No minor release lies between them, as far as their numbers tell. */
const areNeighbours = (older: string, newer: string): boolean => {
  const [[major = 0, minor = 0], [nextMajor = 0, nextMinor = 0]] = [releaseOf(older), releaseOf(newer)];
  return major === nextMajor ? nextMinor - minor <= 1 : nextMajor - major === 1 && nextMinor === 0;
};

const releaseOf = (version: string): readonly number[] => explain(version)?.release ?? [];
