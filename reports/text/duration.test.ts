import { expect, test } from 'vitest';
import { formatClock, formatRoughly } from './duration.ts';

test.each([
  [0, '0:00'],
  [7400, '0:07'],
  [750_000, '12:30'],
  [3_723_000, '1:02:03'],
  [-5, '0:00'],
])('%i ms gone are %s', (ms, text) => {
  expect(formatClock(ms)).toBe(text);
});

test.each([
  [0, '1 s'],
  [7400, '7 s'],
  [43_000, '45 s'],
  [87_000, '85 s'],
  [89_000, '1 min'],
  [750_000, '13 min'],
  [3_599_000, '1 h'],
  [7_150_000, '2 h'],
  [4_800_000, '1 h 20 min'],
])('%i ms to come are about %s', (ms, text) => {
  expect(formatRoughly(ms)).toBe(text);
});
