import { compare, valid } from '@renovatebot/pep440';
import type { ReportedPin } from '../../reports/report-model.ts';

/** What decides which pin follows which. */
export type Follower = Pick<ReportedPin, 'id' | 'device' | 'versions'>;

/**
 * The pin whose place another takes, or that it comes after: the same id; else, on the same device, the same or the nearest
 * older release of PEFT, and of several with that the one whose other versions agree with most of its own. Undefined where
 * there is none.
 */
export const followedBy = (pin: Follower, earlier: readonly Follower[]): string | undefined =>
  earlier.find(({ id, device }) => id === pin.id && device === pin.device)?.id ??
  nearest(pin, earlier, (order) => order <= 0)?.id;

/** The nearest pin with an older PEFT. */
export const nextOlder = (pin: Follower, others: readonly Follower[]): Follower | undefined =>
  nearest(pin, others, (order) => order < 0);

const nearest = (
  pin: Follower,
  others: readonly Follower[],
  fits: (order: number) => boolean,
): Follower | undefined => {
  const release = releaseOf(pin);
  if (release === undefined) return undefined;
  return others
    .flatMap((other) => {
      const version = other.device === pin.device ? releaseOf(other) : undefined;
      return version !== undefined && fits(compare(version, release)) ? [{ other, version }] : [];
    })
    .toSorted(
      (left, right) =>
        compare(right.version, left.version) ||
        agreement(pin, right.other) - agreement(pin, left.other) ||
        (left.other.id < right.other.id ? -1 : 1),
    )[0]?.other;
};

const releaseOf = ({ versions }: Follower): string | undefined => {
  const version = versions['peft'];
  return version !== undefined && valid(version) !== null ? version : undefined;
};

const agreement = (left: Follower, right: Follower): number =>
  Object.entries(left.versions).filter(([name, version]) => right.versions[name] === version).length;
