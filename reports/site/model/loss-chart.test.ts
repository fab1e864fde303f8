import { expect, test } from 'vitest';
import { lossChart, lossDistance, lossesApart, showLoss } from './loss-chart.ts';

test('all runs share one scale, from the least loss to the most', () => {
  const { series, steps, range } = lossChart({
    cell: [4, 3, 2],
    references: [{ what: 'sharding=none', losses: [4, 2, 0] }],
  });
  expect({ steps, range }).toEqual({ steps: 3, range: [0, 4] });
  expect(series.map(({ what, points }) => [what, points.map(({ x, y }) => `${x} ${y}`)])).toEqual([
    ['this cell', ['0 1', '0.5 0.75', '1 0.5']],
    ['sharding=none', ['0 1', '0.5 0.5', '1 0']],
  ]);
});

test('what is not finite has no point, and equal losses lie in the middle', () => {
  const { series } = lossChart({ cell: [2, null], references: [{ what: 'the same', losses: [2] }] });
  expect(series.map(({ points }) => points)).toEqual([[{ x: 0, y: 0.5 }], [{ x: 0, y: 0.5 }]]);
  expect(lossChart({ cell: [null], references: [{ what: 'r', losses: [] }] }).range).toBeUndefined();
});

test.each([
  [2, 2, 'equal'],
  [2.02, 2, '1.0 %'],
  [null, 2, 'not finite'],
  [null, null, 'neither is finite'],
  [undefined, 2, 'no such step'],
  [1, 0, 'from zero'],
])('%s against %s is told as %s', (loss, own, told) => {
  expect(lossDistance(loss, own)).toBe(told);
});

test.each([
  [[2, 2.0004, 2], [2, 2, 2.002], 'at most 0.10 % apart, at step 3'],
  [[3.71, 3.7], [3.71, 3.7], 'equal at every step'],
  [[2, 2.02, null], [2, 2, 2], 'at most 0.99 % apart, at step 2; at step 3 only one of them is finite'],
  [[2, null, null], [2, null, 2], 'equal where both are finite; at step 3 only one of them is finite'],
  [[2, 2, 2], [2, 2], 'equal where both are finite; at step 3 only one of them is there'],
  [[null, null], [1, 1], 'nothing to compare; at steps 1, 2 only one of them is finite'],
  [[null], [null], 'nothing to compare'],
  [[0, 1], [1, 1], 'apart from zero, at step 1'],
])('losses %j against %j are said to be %s', (own, losses, words) => {
  expect(lossesApart(losses, own)).toBe(words);
});

test.each([
  [3.718_281_828_459_045, '3.718282'],
  [3.7, '3.7'],
  [0.000_012_345_678_9, '0.00001234568'],
  [123_456_789, '123456800'],
  [1e-30, '1e-30'],
  [0, '0'],
  [null, '–'],
  [undefined, '–'],
])('the loss %s has seven digits that count: %s', (loss, shown) => {
  expect(showLoss(loss)).toBe(shown);
});
