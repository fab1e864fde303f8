import { oneByOne, plainDeltaDebugging } from '../harness/bisect/fixtures/other-ways.ts';
import type { Mix } from '../harness/bisect/remember-mixtures.ts';
import { smallestSet } from '../harness/bisect/smallest-set.ts';
import { markdownTable, type Section } from './section.ts';
import { summarise } from './statistics.ts';

/** Packages that two locks have in different versions. */
const moved = 20;
/** Most runs that may find two that act together. */
const wantedRuns = 30;

const ways = {
  ours: (members: readonly number[]) => smallestSet(moved, needs(members)),
  'one by one': (members: readonly number[]) => oneByOne(moved, needs(members)),
  'plain delta debugging': (members: readonly number[]) => plainDeltaDebugging(moved, needs(members)),
};

/** How many mixtures of two locks have to be run to find the packages that act together, wherever they stand. */
export const measureBlame = async (): Promise<Section> => {
  const rows: (readonly string[])[] = [];
  let mostForTwo = 0;
  for (const count of [1, 2, 3]) {
    for (const [name, find] of Object.entries(ways)) {
      const asks: number[] = [];
      for (const members of choices(count)) asks.push((await find(members)).asks);
      const { median, min, max } = summarise(asks);
      if (count === 2 && name === 'ours') mostForTwo = max;
      const mean = asks.reduce((sum, each) => sum + each, 0) / asks.length;
      rows.push([name, ...[count, asks.length, min, median].map(String), mean.toFixed(1), String(max)]);
    }
  }
  return {
    title: 'Bisect: which of many packages',
    text: `Mixtures that are run to find the packages that show a failure together, among ${moved} that moved, for every place where they can stand.`,
    table: markdownTable(['', 'acting together', 'places', 'least', 'median', 'mean', 'most'], rows),
    targets: [
      {
        what: `most runs for two among ${moved}`,
        got: String(mostForTwo),
        want: `at most ${wantedRuns}`,
        met: mostForTwo <= wantedRuns,
      },
    ],
  };
};

const needs =
  (members: readonly number[]): Mix =>
  (asked) =>
    Promise.resolve(members.every((member) => asked.includes(member)) ? 'shown' : 'not-shown');

/** Every set of `count` packages, in ascending order. */
const choices = (count: number, from = 0): readonly (readonly number[])[] =>
  count === 0
    ? [[]]
    : Array.from({ length: moved - from }, (_, place) => from + place).flatMap((first) =>
        choices(count - 1, first + 1).map((others) => [first, ...others]),
      );
