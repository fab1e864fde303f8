import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { numbersTowards } from './numbers-towards.ts';

const whole = { from: -100, to: 100, integer: true };
const real = { from: 0, to: 1, integer: false };

describe('numbersTowards', () => {
  test('halves the way, and ends beside the value', () => {
    expect(numbersTowards(4, 16, whole)).toEqual([10, 13, 15]);
    expect(numbersTowards(4, 1, whole)).toEqual([2]);
    expect(numbersTowards(0.1, 0.2, real)).toEqual([0.15, 0.175, 0.188, 0.194, 0.197, 0.198, 0.199]);
  });

  test('every number is nearer to the simplest one than the value is, so that shrinking comes to an end', () => {
    const pair = fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 }));
    fc.assert(
      fc.property(pair, ([simplest, value]) => {
        const away = numbersTowards(simplest, value, whole).map((number) => Math.abs(number - simplest));
        expect(away.every((distance) => distance > 0 && distance < Math.abs(value - simplest))).toBe(true);
        expect(away).toEqual(away.toSorted((left, right) => left - right));
      }),
      { seed: 42 },
    );
  });
});
