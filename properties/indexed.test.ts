import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { indexed } from './indexed.ts';

/** Tests say the same on every day. */
const fixed = { seed: 42 };

const someValues = fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minLength: 1, maxLength: 8 });

describe('indexed', () => {
  test('gives only its values, and the same for the same seed', () => {
    fc.assert(
      fc.property(someValues, fc.integer(), (values, seed) => {
        const drawn = fc.sample(indexed(values), { seed, numRuns: 20 });
        expect(values).toEqual(expect.arrayContaining(drawn));
        expect(fc.sample(indexed(values), { seed, numRuns: 20 })).toEqual(drawn);
      }),
      fixed,
    );
  });

  test('shrinks every value to all earlier ones, simplest first, without context', () => {
    fc.assert(
      fc.property(someValues, (values) => {
        const arbitrary = indexed(values);
        for (const [index, value] of values.entries()) {
          expect(arbitrary.canShrinkWithoutContext(value)).toBe(true);
          expect([...arbitrary.shrink(value, undefined)].map((simpler) => simpler.value)).toEqual(
            values.slice(0, index),
          );
        }
      }),
      fixed,
    );
  });

  test('does not claim values of others', () => {
    expect(indexed([4, 1, 8]).canShrinkWithoutContext('4')).toBe(false);
    expect(indexed([false]).canShrinkWithoutContext(undefined)).toBe(false);
  });

  test('finds the simplest value that fails, which halving would miss', () => {
    const failing = new Set([2, 3, 6]);
    const run = fc.check(
      fc.property(indexed([0, 1, 2, 3, 4, 5, 6, 7]), (value) => !failing.has(value)),
      { seed: 7 },
    );
    expect(run.counterexample).toEqual([2]);
  });

  test('prefers later values under bias, and gives every value', () => {
    const drawn = fc.sample(indexed([0, 1, 2, 3]), { seed: 42, numRuns: 4000 });
    const share = (value: number): number => drawn.filter((one) => one === value).length / drawn.length;
    expect([share(0), share(1), share(2), share(3)].every((one) => one > 0.1)).toBe(true);
    expect(share(3)).toBeGreaterThan(share(0) * 1.2);
  });

  test('refuses to choose from nothing', () => {
    expect(() => indexed([])).toThrow(RangeError);
  });
});
