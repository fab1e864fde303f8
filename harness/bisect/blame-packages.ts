import { lockId } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { BisectedPackages } from '../../reports/bisect-model.ts';
import type { Answer } from './answer.ts';
import { differencesOf, mixturesOf, type Difference, type Mixture } from './mixtures.ts';
import { reportAnswer } from './report-answer.ts';
import { smallestSet } from './smallest-set.ts';
import type { BisectWorld } from './world.ts';

/** Two locks of which one shows the failure and the other does not. */
export interface BlameRequest {
  readonly before: Lock;
  readonly after: Lock;
  /** What moving everything comes to; the other of the two is what moving nothing comes to. */
  readonly shows: 'good' | 'bad';
  /** The package that is thought to have done it: moving it alone is tried first. */
  readonly suspect?: string;
}

/** The culprits among the packages that differ between two locks, and a mixture in which only they are moved. */
export interface Blamed {
  /** Without which the answer does not change; where that is known of none, all that have to move together. */
  readonly culprits: readonly Difference[];
  /** All that moved in the smallest mixture that changes the answer. */
  readonly members: readonly string[];
  /** Whether every culprit is known to be needed. */
  readonly isProven: boolean;
  readonly reported: BisectedPackages;
  readonly mixtureOf: (moved: readonly string[]) => Promise<Mixture>;
}

/**
 * Finds the smallest set of packages whose move alone makes the answer of `after` out of that of `before`. Mixtures that the
 * resolver does not allow cost no run.
 */
export const blamePackages = async (request: BlameRequest, anyWorld: BisectWorld): Promise<Blamed> => {
  const { before, after, suspect } = request;
  const differences = differencesOf(before, after);
  const world = anyWorld.watching(differences.map(({ package: name }) => name));
  const mixtureOf = mixturesOf(before, after, world.locks);
  const diary = new Map<string, BisectedPackages['mixtures'][number]>();
  const ask = async (places: readonly number[]): Promise<Answer> => {
    const moved = differences.filter((_, place) => places.includes(place)).map(({ package: name }) => name);
    const mixture = await mixtureOf(moved);
    const answer: Answer =
      mixture.kind === 'lock'
        ? await world.ask(`with ${describe(moved)} moved`, mixture.lock)
        : { kind: 'skip', cause: 'broken', reason: mixture.reason };
    const companions = mixture.kind === 'lock' ? mixture.companions : [];
    diary.set(moved.join(), { moved: [...moved], companions: [...companions], answer: reportAnswer(answer) });
    return answer;
  };
  const outcome = async (places: readonly number[]): Promise<'shown' | 'not-shown' | 'unresolved'> => {
    const { kind } = await ask(places);
    return kind === 'skip' ? 'unresolved' : kind === request.shows ? 'shown' : 'not-shown';
  };
  const blamed = (
    members: readonly number[],
    proof: BisectedPackages['proof'],
    unproven: readonly number[] = [],
  ): Blamed => {
    const named = (places: readonly number[]): string[] =>
      differences.filter((_, place) => places.includes(place)).map(({ package: name }) => name);
    const proven = members.filter((member) => !unproven.includes(member));
    const isProven = proven.length > 0;
    const culprits = differences.filter((_, place) => (isProven ? proven : members).includes(place));
    const companions = diary.get(named(members).join())?.companions ?? [];
    return {
      culprits,
      members: named(members),
      isProven,
      mixtureOf,
      reported: {
        before: lockId(before),
        after: lockId(after),
        differences: [...differences],
        culprits,
        companions,
        unproven: named(unproven),
        proof,
        mixtures: [...diary.values()],
      },
    };
  };
  if (differences.length === 1) return blamed([0], 'only-difference');
  const suspected = differences.findIndex(({ package: name }) => name === suspect);
  if (suspected !== -1 && (await outcome([suspected])) === 'shown') return blamed([suspected], 'swap');
  const { members, unproven } = await smallestSet(differences.length, outcome, world.workers);
  return blamed(members, 'smallest-set', unproven);
};

const describe = (moved: readonly string[]): string =>
  moved.length > 3 ? `${moved.slice(0, 2).join(', ')} and ${moved.length - 2} more` : moved.join(', ');
