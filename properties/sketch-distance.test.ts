import { fc } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import {
  exceeds,
  falseAlarmProbability,
  sketchDistance,
  sketchFactor,
  together,
  type Sketched,
} from './sketch-distance.ts';

/** Whole numbers below 2^32 from a fixed seed: mulberry32. */
const generator = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
};

const zero: Sketched = { norm: 0, sketch: Array.from({ length: 8 }, () => 0) };

/** Estimates of the distance between zero and a random tensor of norm 1, each with signs of its own. */
const estimates = (size: number, rounds: number, next: () => number): readonly number[] =>
  Array.from({ length: rounds }, () => {
    const tensor = Array.from({ length: size }, () => next() / 2 ** 32 - 0.5);
    const norm = Math.hypot(...tensor);
    const sketch = [0, 0, 0, 0, 0, 0, 0, 0];
    for (const value of tensor) {
      const signs = next();
      for (let index = 0; index < 8; index += 1) {
        sketch[index] = (sketch[index] ?? 0) + (((signs >>> (3 * index)) & 1) === 0 ? value : -value) / norm;
      }
    }
    return sketchDistance({ norm: 1, sketch }, zero);
  });

const rateAbove = (limit: number, values: readonly number[]): number =>
  values.filter((value) => value > limit).length / values.length;

describe('the distance from sketches', () => {
  test.each([3, 16, 64])('of %d numbers exceeds the truth no more often than the stated bound says', (size) => {
    const values = estimates(size, 8_000, generator(42));
    for (const factor of [1.3, 1.5, 1.75]) {
      const stated = (factor ** 2 * Math.exp(1 - factor ** 2)) ** 4;
      expect(rateAbove(factor, values)).toBeLessThanOrEqual(stated);
    }
  });

  test('is never over three times the truth in twenty thousand draws', () => {
    expect(rateAbove(sketchFactor, estimates(24, 20_000, generator(7)))).toBe(0);
    expect(falseAlarmProbability).toBeLessThan(1e-10);
  });

  test('is nearly always over three bounds when the truth is nine, which is the power that is stated', () => {
    expect(1 - rateAbove(sketchFactor / 9, estimates(24, 20_000, generator(11)))).toBeLessThan(1 / 500);
  });

  test('has the truth as its root mean square', () => {
    const values = estimates(50, 8_000, generator(3));
    const mean = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.sqrt(mean)).toBeCloseTo(1, 1);
  });

  test('is zero between equals and symmetric', () => {
    const sketch = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(sketch, sketch, (left, right) => {
        const [one, other] = [
          { norm: 1, sketch: left },
          { norm: 1, sketch: right },
        ];
        expect(sketchDistance(one, one)).toBe(0);
        expect(sketchDistance(one, other)).toBe(sketchDistance(other, one));
        expect(exceeds(one, other, (1.000_001 * sketchDistance(one, other)) / sketchFactor)).toBe(false);
      }),
      { seed: 42 },
    );
  });

  test('sees a length that is wrong by more than the bound, whatever the sketches say', () => {
    const tensor = { norm: 1, sketch: [1, 1, 1, 1, 1, 1, 1, 1] };
    expect(exceeds({ ...tensor, norm: 1.011 }, tensor, 0.01)).toBe(true);
    expect(exceeds({ ...tensor, norm: 1.009 }, tensor, 0.01)).toBe(false);
  });
});

const part = (norm: number, value: number): Sketched => ({ norm, sketch: Array.from({ length: 8 }, () => value) });

describe('several tensors as one', () => {
  test('have the norm and the sketch of all that is in them', () => {
    expect(together([part(3, 1), part(4, -3)])).toEqual(part(5, -2));
    expect(together([part(3, 1)])).toEqual(part(3, 1));
  });

  test('are as far apart as their parts are together, whatever the order', () => {
    const value = fc.double({ min: -1, max: 1, noNaN: true });
    const anyPart = fc.record({
      norm: fc.double({ min: 0, max: 1, noNaN: true }),
      sketch: fc.array(value, { minLength: 8, maxLength: 8 }),
    });
    fc.assert(
      fc.property(fc.array(anyPart, { minLength: 1, maxLength: 5 }), (parts) => {
        const [one, other] = [together(parts), together(parts.toReversed())];
        expect(sketchDistance(one, other)).toBeLessThan(1e-12);
        expect(one.norm).toBeCloseTo(other.norm, 12);
      }),
    );
  });
});
