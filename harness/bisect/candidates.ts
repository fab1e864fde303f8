import { compare } from '@renovatebot/pep440';
import { InputError } from '../../matrices/errors.ts';
import { finalVersions, type ListedRelease } from '../../matrices/expand-pins.ts';
import { unknownVersion } from '../../matrices/unknown-version.ts';

/** A release that may be asked. */
export interface Candidate {
  readonly version: string;
  /** ISO timestamp in UTC; absent for a version that the index does not list. */
  readonly releasedAt?: string;
}

/** Which releases to look at, and what is said of them beforehand. */
export interface Range {
  readonly package: string;
  /** The version at which the failure was found. */
  readonly found: string;
  readonly good?: string;
  readonly bad?: string;
  readonly from?: string;
  readonly to?: string;
  readonly prereleases: boolean;
  readonly findFix: boolean;
}

/** Candidates, oldest first, with the ends among them, and the way to go. */
export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly bad: number;
  readonly good?: number;
  readonly towards: 'older' | 'newer';
}

/**
 * The releases of a range: final ones unless pre-releases are asked for, none that was withdrawn; and the versions that are
 * named, whatever they are.
 *
 * @throws InputError when a version is not there, an end lies outside the bounds, or ends or bounds are the wrong way round.
 */
export const candidatesOf = (releases: readonly ListedRelease[], range: Range): Candidates => {
  refuseUnknown(releases, range);
  refuseOutside(range);
  const bad = asListed(badEnd(range), releases);
  const good = range.good === undefined ? undefined : asListed(range.good, releases);
  const named = good === undefined ? [bad] : [bad, good];
  const versions = [...new Set([...offered(releases, range), ...named])].toSorted(compare);
  const candidates = versions.map((version) => {
    const release = releases.find((other) => compare(other.version, version) === 0);
    return { version, ...(release === undefined ? {} : { releasedAt: release.uploadedAt }) };
  });
  const place = (version: string): number => versions.findIndex((other) => compare(other, version) === 0);
  const towards = directionOf(range, bad);
  const common = { candidates, bad: place(bad), towards };
  return good === undefined ? common : { ...common, good: place(good) };
};

/** The end that shows the failure. */
export const badEnd = ({ bad, found }: Pick<Range, 'bad' | 'found'>): string => bad ?? found;

/** `0.20` and `v0.20.0` are the release that the index calls 0.20.0. */
const asListed = (version: string, releases: readonly ListedRelease[]): string =>
  releases.find((other) => compare(other.version, version) === 0)?.version ?? version;

const offered = (releases: readonly ListedRelease[], { from, to, prereleases }: Range): readonly string[] => {
  const kept = releases.filter(({ yanked }) => !yanked);
  const versions = prereleases ? kept.map(({ version }) => version) : finalVersions(kept);
  return versions.filter(
    (version) => (from === undefined || compare(version, from) >= 0) && (to === undefined || compare(version, to) <= 0),
  );
};

const directionOf = ({ good, findFix }: Range, bad: string): Candidates['towards'] => {
  if (good === undefined) return findFix ? 'newer' : 'older';
  const order = compare(good, bad);
  if (order === 0) throw new InputError(`${good} cannot be the good and the bad end`);
  const towards = order < 0 ? 'older' : 'newer';
  if (findFix && towards === 'older') {
    throw new InputError(`--find-fix looks for a good release that is newer than ${bad}; --good ${good} is older`);
  }
  return towards;
};

const refuseUnknown = (releases: readonly ListedRelease[], range: Range): void => {
  const problems = (['good', 'bad'] as const).flatMap((name) => {
    const version = range[name];
    const problem = version === undefined ? undefined : unknownVersion(range.package, version, releases);
    return problem === undefined ? [] : [`--${name} ${version}: ${problem}`];
  });
  if (problems.length > 0) throw new InputError(problems.join('\n'));
};

/** Bounds that leave an end out would be a search that cannot find anything. */
const refuseOutside = (range: Range): void => {
  const { package: name, from, to, good } = range;
  if (from !== undefined && to !== undefined && compare(from, to) > 0) {
    throw new InputError(`--from ${from} is newer than --to ${to}: no release of ${name} lies between them`);
  }
  const bad = badEnd(range);
  const ends = [
    { version: bad, what: `${bad} ${range.bad === undefined ? '(where it was found)' : '(--bad)'}` },
    ...(good === undefined ? [] : [{ version: good, what: `${good} (--good)` }]),
  ];
  const problems = ends.flatMap(({ version, what }) => [
    ...(from !== undefined && compare(version, from) < 0
      ? [`--from ${from} leaves out ${what}. Allowed: ${version} or older`]
      : []),
    ...(to !== undefined && compare(version, to) > 0
      ? [`--to ${to} leaves out ${what}. Allowed: ${version} or newer`]
      : []),
  ]);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
};
