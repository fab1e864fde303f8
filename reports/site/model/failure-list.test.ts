import { expect, test } from 'vitest';
import { rowOf, supportCellOf } from '../../fixtures/matrices.ts';
import { indexOf } from '../fixtures/index-of.ts';
import { filterFailures, listFailures } from './failure-list.ts';

const shows = supportCellOf({ pass: 0, fail: 2, failures: [{ id: '3fa92c10', cells: 2, configs: [0] }] });
const listed = listFailures(
  indexOf({
    failures: {
      '3fa92c10': {
        property: 'merge-agrees',
        phase: 'merge',
        exception: 'IndexError',
        message: 'tuple index out of range',
        minimal: { adapter: 'dora', rank: 1 },
        campaigns: [0],
        known: { id: 'dora-flat', kind: 'by-design', title: 'Reads a flat shard', link: 'https://example.org' },
      },
    },
    rows: [rowOf({ method: 'dora', cells: { '0.20.0': shows, '0.21.2': shows } })],
  }),
  0,
);

test.each([
  '3fa92c10',
  'merge-agrees in merge',
  'IndexError: tuple index',
  'adapter=dora rank=1',
  'ADAPTER=DoRA',
  '0.20.0',
  '0.20.0 … 0.21.2 (2)',
  'known: by-design',
  'reads a FLAT shard',
  'dora-flat',
  ' dora ',
])('the text "%s", which the row shows, finds it', (text) => {
  expect(filterFailures(listed, text)).toHaveLength(1);
});

test.each(['adapter=lora', '0.19.0', 'limitation'])('the text "%s" does not', (text) => {
  expect(filterFailures(listed, text)).toEqual([]);
});
