import { expect, test } from 'vitest';
import { rowOf, supportCellOf } from '../../fixtures/matrices.ts';
import { indexOf } from '../fixtures/index-of.ts';
import { heatOf } from './heat.ts';

const index = indexOf({
  rows: [
    rowOf({ cells: { '0.21.2': supportCellOf({ state: 'works', pass: 2, campaigns: [0] }) } }),
    rowOf({ precision: 'bf16', cells: { '0.21.2': supportCellOf({ pass: 1, fail: 3, campaigns: [1] }) } }),
    rowOf({ method: 'dora', cells: { '0.20.0': supportCellOf({ state: 'works', pass: 2, campaigns: [1] }) } }),
    rowOf({ sharding: 'fsdp1', evidence: 1, cells: { '0.21.2': supportCellOf({ pass: 9 }) } }),
  ],
});

test('a heat map is of one release and one kind of evidence', () => {
  expect(heatOf(index, { evidence: 0, release: '0.21.2', campaign: undefined })).toEqual({
    columns: [
      { sharding: 'none', precision: 'fp32' },
      { sharding: 'none', precision: 'bf16' },
    ],
    lines: [
      {
        method: 'lora',
        places: [
          { state: 'works', pass: 2, fail: 0, trained: 0, flaky: 0 },
          { state: 'partly', pass: 1, fail: 3, trained: 0, flaky: 0 },
        ],
      },
    ],
  });
});

test('and of one campaign, if it is chosen', () => {
  const heat = heatOf(index, { evidence: 0, release: '0.21.2', campaign: 1 });
  expect(heat.columns).toEqual([{ sharding: 'none', precision: 'bf16' }]);
  expect(heatOf(index, { evidence: 0, release: '0.20.0', campaign: 0 }).lines).toEqual([]);
});
