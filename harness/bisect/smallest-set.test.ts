import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { oneByOne, plainDeltaDebugging } from './fixtures/other-ways.ts';
import type { Mix, Outcome } from './remember-mixtures.ts';
import { smallestSet } from './smallest-set.ts';

/** Some of `size` differences that show it together. */
const planted = (size: number, least: number, most: number): fc.Arbitrary<readonly number[]> =>
  fc
    .uniqueArray(fc.nat(size - 1), { minLength: least, maxLength: most })
    .map((members) => members.toSorted((left, right) => left - right));

const needs =
  (members: readonly number[]): Mix =>
  (moved) =>
    Promise.resolve(members.every((member) => moved.includes(member)) ? 'shown' : 'not-shown');

/** Pairs of which the first cannot be moved without the second. */
const dependencies = fc.array(fc.tuple(fc.nat(19), fc.nat(19)), { maxLength: 6 });

const impossible = (moved: readonly number[], pairs: readonly (readonly [number, number])[]): boolean =>
  pairs.some(([first, second]) => moved.includes(first) && !moved.includes(second));

test.prop([planted(20, 2, 2), fc.integer({ min: 1, max: 4 })], { numRuns: 190 })(
  'two among twenty moved packages are found in at most 30 asks',
  async (members, workers) => {
    const found = await smallestSet(20, needs(members), workers);
    expect(found.members).toEqual(members);
    expect(found.asks).toBeLessThanOrEqual(30);
  },
);

test.prop([planted(20, 1, 1)])('one among twenty is found in at most 7', async (members) => {
  const found = await smallestSet(20, needs(members));
  expect(found.members).toEqual(members);
  expect(found.asks).toBeLessThanOrEqual(7);
});

test.prop([planted(20, 2, 2), dependencies])(
  'with mixtures that cannot be had it takes hardly more runs, for those cost none',
  async (members, pairs) => {
    let runs = 0;
    const mix: Mix = (moved) => {
      if (impossible(moved, pairs)) return Promise.resolve('unresolved');
      runs += 1;
      return needs(members)(moved);
    };
    const found = await smallestSet(20, mix);
    expect(members.filter((member) => !found.members.includes(member))).toEqual([]);
    // Of thirty thousand, one took 31.
    expect(runs).toBeLessThanOrEqual(34);
    // Whatever else is named could not be left out.
    const more = found.members.filter((member) => !members.includes(member));
    expect(more.filter((member) => !found.unproven.includes(member))).toEqual([]);
  },
);

test.prop([
  fc.integer({ min: 1, max: 9 }),
  fc.infiniteStream(fc.constantFrom<Outcome[]>('shown', 'not-shown', 'unresolved')),
])('whatever the mixtures show, the set shows it and is 1-minimal', async (size, stream) => {
  const outcomes = new Map<string, Outcome>();
  const mix = (moved: readonly number[]): Promise<Outcome> => {
    if (moved.length === 0) return Promise.resolve('not-shown');
    if (moved.length === size) return Promise.resolve('shown');
    const key = moved.join();
    const outcome = outcomes.get(key) ?? stream.next().value;
    outcomes.set(key, outcome);
    return Promise.resolve(outcome);
  };
  const { members, unproven, asks } = await smallestSet(size, mix);
  expect(await mix(members)).toBe('shown');
  for (const member of members) {
    const without = await mix(members.filter((other) => other !== member));
    expect(without).toBe(unproven.includes(member) ? 'unresolved' : 'not-shown');
  }
  expect(asks).toBe(outcomes.size);
});

describe('compared with what others do, on every pair among twenty', () => {
  test('it asks half as often as one by one, or plain delta debugging', async () => {
    const totals = { smallestSet: 0, oneByOne: 0, plainDeltaDebugging: 0 };
    for (let left = 0; left < 20; left++) {
      for (let right = left + 1; right < 20; right++) {
        const found = {
          smallestSet: await smallestSet(20, needs([left, right])),
          oneByOne: await oneByOne(20, needs([left, right])),
          plainDeltaDebugging: await plainDeltaDebugging(20, needs([left, right])),
        };
        for (const way of ['smallestSet', 'oneByOne', 'plainDeltaDebugging'] as const) {
          expect(found[way].members).toEqual([left, right]);
          totals[way] += found[way].asks;
        }
      }
    }
    expect(totals.smallestSet).toBeLessThan(totals.oneByOne * 0.6);
    expect(totals.smallestSet).toBeLessThan(totals.plainDeltaDebugging * 0.6);
  });
});
