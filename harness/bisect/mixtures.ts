import { InputError } from '../../matrices/errors.ts';
import type { LockRequest } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { Locks } from './keep-locks.ts';
import { smallestSet } from './smallest-set.ts';

/** A package that two locks have in different versions. */
export interface Difference {
  readonly package: string;
  readonly from: string;
  readonly to: string;
}

/** A lock between two others: some of the differences are moved. */
export type Mixture =
  | {
      readonly kind: 'lock';
      readonly lock: Lock;
      /** Packages that had to move, or go, with those that were asked for. */
      readonly companions: readonly string[];
    }
  | { readonly kind: 'impossible'; readonly reason: string };

/** Makes the mixture in which these packages are moved. */
export type MixtureOf = (moved: readonly string[]) => Promise<Mixture>;

/** Packages that people choose. They never move as the companions of others, and are looked at first. */
const chosen: readonly string[] = [
  'torch',
  'transformers',
  'peft',
  'accelerate',
  'bitsandbytes',
  'deepspeed',
  'torchao',
];

/**
 * What two locks have in different versions, first what people choose. What only one of them has comes or goes as the
 * resolver needs it.
 *
 * @throws InputError when the locks are for different Pythons, devices or platforms, or do not differ.
 */
export const differencesOf = (before: Lock, after: Lock): readonly Difference[] => {
  for (const key of ['python', 'device', 'platform'] as const) {
    if (before[key] !== after[key]) {
      throw new InputError(
        `The two locks are for different ${key}s, ${before[key]} and ${after[key]}: make them alike`,
      );
    }
  }
  const differences = movesBetween(before, after);
  if (differences.length === 0) throw new InputError('The two locks have no package in different versions');
  return differences.toSorted((left, right) => rankOf(left) - rankOf(right) || (left.package < right.package ? -1 : 1));
};

/** Packages that both locks have, in different versions. */
export const movesBetween = (before: Lock, after: Lock): Difference[] =>
  Object.entries(before.packages).flatMap(([name, from]) => {
    const to = after.packages[name];
    return to === undefined || to === from ? [] : [{ package: name, from, to }];
  });

const rankOf = ({ package: name }: Difference): number => {
  const rank = chosen.indexOf(name);
  return rank === -1 ? chosen.length : rank;
};

/**
 * Mixtures of two locks. One that the resolver does not allow gets as few companions as make it possible, of packages that
 * nobody chooses: a transformers of another major release brings its own huggingface-hub.
 */
export const mixturesOf = (before: Lock, after: Lock, locks: Pick<Locks, 'resolve'>): MixtureOf => {
  const differences = differencesOf(before, after);
  const onlyBefore = Object.keys(before.packages).filter((name) => after.packages[name] === undefined);
  const loose = [
    ...differences.map(({ package: name }) => name).filter((name) => !chosen.includes(name)),
    ...onlyBefore,
  ];
  const seen = new Set<string>();

  const resolve = (moved: readonly string[], companions: readonly string[]): ReturnType<Locks['resolve']> =>
    locks.resolve(requestOf(before, after, differences, new Set([...moved, ...companions])));

  const withCompanions = async (moved: readonly string[], reason: string): Promise<Mixture> => {
    const free = loose.filter((name) => !moved.includes(name));
    const earlier = free.filter((name) => seen.has(name));
    if (earlier.length > 0) {
      const resolved = await resolve(moved, earlier);
      if (resolved.kind === 'lock') return { ...resolved, companions: earlier };
    }
    const most = await resolve(moved, free);
    if (most.kind === 'impossible') return { kind: 'impossible', reason };
    const { members } = await smallestSet(free.length, async (places) => {
      const { kind } = await resolve(moved, pick(free, places));
      return kind === 'lock' ? 'shown' : 'not-shown';
    });
    const companions = pick(free, members);
    for (const name of companions) seen.add(name);
    const resolved = await resolve(moved, companions);
    return resolved.kind === 'lock' ? { ...resolved, companions } : { kind: 'impossible', reason };
  };

  return async (moved) => {
    if (moved.length === 0) return { kind: 'lock', lock: before, companions: [] };
    if (moved.length === differences.length) return { kind: 'lock', lock: after, companions: [] };
    const resolved = await resolve(moved, []);
    return resolved.kind === 'lock' ? { ...resolved, companions: [] } : withCompanions(moved, resolved.reason);
  };
};

const pick = (names: readonly string[], places: readonly number[]): readonly string[] =>
  names.filter((_, place) => places.includes(place));

const requestOf = (
  before: Lock,
  after: Lock,
  differences: readonly Difference[],
  moved: ReadonlySet<string>,
): LockRequest => {
  const { python, device, platform } = before;
  const stay = Object.entries(before.packages).filter(([name]) => !moved.has(name));
  const move = differences.filter(({ package: name }) => moved.has(name)).map(({ package: name, to }) => [name, to]);
  const asOf = laterOf(before.asOf, after.asOf);
  return {
    python,
    device,
    platform,
    requirements: Object.fromEntries([...stay, ...move].map(([name, version]) => [name, `==${version}`])),
    ...(asOf === undefined ? {} : { asOf }),
  };
};

const laterOf = (left: string | undefined, right: string | undefined): string | undefined =>
  left === undefined || right === undefined ? undefined : Date.parse(left) > Date.parse(right) ? left : right;
