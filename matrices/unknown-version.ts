import { compare } from '@renovatebot/pep440';
import { describeReleases, finalVersions, type ListedRelease } from './expand-pins.ts';

/** What is wrong with an exact version that no release has: those beside it, and how many there are. */
export const unknownVersion = (
  name: string,
  version: string,
  releases: readonly Pick<ListedRelease, 'version'>[],
): string | undefined => {
  const wanted = version.replace(/\+.*$/, '');
  if (releases.some((release) => compare(release.version, wanted) === 0)) return undefined;
  const final = finalVersions(releases);
  const [below, above] = [
    final.findLast((other) => compare(other, wanted) < 0),
    final.find((other) => compare(other, wanted) > 0),
  ];
  const nearest = [below, above].filter((other) => other !== undefined).join(' and ');
  return `there is no ${name} ${version}. Nearest: ${nearest}; ${describeReleases(releases)}`;
};
