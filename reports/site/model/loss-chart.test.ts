import { expect, test } from 'vitest';
import { lossChart, lossDistance } from './loss-chart.ts';

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
