import { compare } from '@renovatebot/pep440';
import { describeReleases, endOfDay, finalVersions, type ListedRelease } from './expand-pins.ts';

/**
 * What is wrong with an exact version that no release has, or that came out after the day `asOf`: those beside it, and how
 * many there are.
 */
export const unknownVersion = (
  name: string,
  version: string,
  releases: readonly Pick<ListedRelease, 'version' | 'uploadedAt'>[],
  asOf?: string,
): string | undefined => {
  const wanted = version.replace(/\+.*$/, '');
  const isOld = ({ uploadedAt }: Pick<ListedRelease, 'uploadedAt'>): boolean => Date.parse(uploadedAt) < endOfDay(asOf);
  const release = releases.find((other) => compare(other.version, wanted) === 0);
  if (release !== undefined) {
    if (isOld(release)) return undefined;
    const newest = finalVersions(releases.filter(isOld)).at(-1) ?? 'none';
    return `${name} ${version} came out on ${release.uploadedAt.slice(0, 10)}, which is after asOf (${asOf}). The newest by then: ${newest}`;
  }
  const final = finalVersions(releases);
  const [below, above] = [
    final.findLast((other) => compare(other, wanted) < 0),
    final.find((other) => compare(other, wanted) > 0),
  ];
  const nearest = [below, above].filter((other) => other !== undefined).join(' and ');
  return `there is no ${name} ${version}. Nearest: ${nearest}; ${describeReleases(releases)}`;
};
