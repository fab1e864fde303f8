import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addFinish, timeLeft } from './time-left.ts';
import type { Finishes } from './time-left.ts';

const finishesAfter = (gaps: readonly number[]): Finishes => {
  let at = 1000;
  return gaps.reduce((finishes: Finishes, gap) => addFinish(finishes, (at += gap)), [at]);
};

test('there is no estimate before there is something to go by', () => {
  expect(timeLeft(finishesAfter([100, 100, 100, 100]), 10)).toBeUndefined();
});

test('an even pace gives exactly what is left', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 5, max: 400 }),
      fc.integer({ min: 1, max: 5000 }),
      fc.nat(900),
      (count, gap, remaining) => {
        expect(timeLeft(finishesAfter(Array.from({ length: count }, () => gap)), remaining)).toBe(gap * remaining);
      },
    ),
    { seed: 1 },
  );
});

test('pauses for environments do not count for every cell to come', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 99 }), (pauses, start) => {
      const gaps = Array.from({ length: 100 }, (_, index) =>
        index >= start && index < start + pauses * 15 && (index - start) % 15 === 0 ? 60_000 : 300,
      );
      expect(timeLeft(finishesAfter(gaps), 100)).toBe(30_000);
    }),
    { seed: 1 },
  );
});

test('cells that finish in pairs are as fast as their mean', () => {
  const gaps = Array.from({ length: 120 }, (_, index) => (index % 2 === 0 ? 0 : 600));
  expect(timeLeft(finishesAfter(gaps), 10)).toBeCloseTo(3000, -3);
});

test('a change of pace is followed', () => {
  const gaps = [...Array.from({ length: 500 }, () => 100), ...Array.from({ length: 120 }, () => 1000)];
  expect(timeLeft(finishesAfter(gaps), 10)).toBe(10_000);
});
