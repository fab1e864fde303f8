import type { LockRequest } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import { watchedPackages } from '../../matrices/watched-packages.ts';
import type { Locks, Resolved } from './keep-locks.ts';

/** One release of one package, the others held as they are in a lock. */
export interface HeldRequest {
  readonly base: Lock;
  readonly package: string;
  readonly version: string;
  /** When that version came out: nothing in the lock needs to be younger than it, or than the lock's own day. */
  readonly releasedAt?: string;
}

/** The lock with that version in the place of its own, whether or not a resolver would allow it. */
export const swappedLock = ({ base, package: name, version }: HeldRequest): Lock => ({
  ...base,
  packages: { ...base.packages, [name]: version },
});

/**
 * The lock of a release with all other packages held exactly; where no set of packages is like that, with only those held
 * that touch numbers.
 */
export const heldLock = async (request: HeldRequest, locks: Pick<Locks, 'resolve'>): Promise<Resolved> => {
  if (request.base.packages[request.package] === request.version) return { kind: 'lock', lock: request.base };
  const exact = await locks.resolve(holding(request, () => true));
  if (exact.kind === 'lock') return exact;
  return locks.resolve(holding(request, isWatched));
};

/** The same, if it was resolved before. */
export const findHeldLock = async (request: HeldRequest, locks: Pick<Locks, 'find'>): Promise<Lock | undefined> => {
  if (request.base.packages[request.package] === request.version) return request.base;
  return (await locks.find(holding(request, () => true))) ?? (await locks.find(holding(request, isWatched)));
};

const isWatched = (name: string): boolean => watchedPackages.has(name);

const holding = (
  { base, package: name, version, releasedAt }: HeldRequest,
  isHeld: (name: string) => boolean,
): LockRequest => {
  const { python, device, platform, asOf, packages } = base;
  const others = Object.entries(packages).filter(([other]) => other !== name && isHeld(other));
  const requirements = Object.fromEntries(others.map(([other, held]) => [other, `==${held}`]));
  return {
    python,
    device,
    platform,
    requirements: { ...requirements, [name]: `==${version}` },
    ...(asOf === undefined ? {} : { asOf: laterOf(asOf, releasedAt) }),
  };
};

/** A release that is younger than the lock needs a younger index. */
const laterOf = (asOf: string, releasedAt: string | undefined): string =>
  releasedAt !== undefined && Date.parse(releasedAt) > endOf(asOf) ? releasedAt : asOf;

/** A day counts to its end. */
const endOf = (asOf: string): number => Date.parse(asOf) + (/^\d{4}-\d{2}-\d{2}$/.test(asOf) ? 86_400_000 - 1 : 0);
