import { compare } from '@renovatebot/pep440';
import type { BisectedChange, BisectedReleases, Boundary } from '../../reports/bisect-model.ts';

/** Since when, and until when, a failure shows around the version at which it was found. */
export interface Boundaries {
  readonly since?: Boundary;
  readonly fixedIn?: Boundary;
}

/** The last change that brought it, before that version or with it, and the first that took it away after. */
export const boundariesOf = ({ package: name, changes }: BisectedReleases, found: string): Boundaries => {
  const since = changes.findLast(({ kind, after }) => kind === 'introduced' && compare(after, found) <= 0);
  const fixed = changes.find(({ kind, before }) => kind === 'fixed' && compare(before, found) >= 0);
  return {
    ...(since === undefined ? {} : { since: boundaryOf(name, since) }),
    ...(fixed === undefined ? {} : { fixedIn: boundaryOf(name, fixed) }),
  };
};

/** The release after a change. */
export const boundaryOf = (
  name: string,
  { after, releasedAt, skipped }: Pick<BisectedChange, 'after' | 'releasedAt' | 'skipped'>,
): Boundary => ({
  package: name,
  version: after,
  ...(releasedAt === undefined ? {} : { releasedAt }),
  ...(skipped.length === 0 ? {} : { skipped }),
});
