import { expect, test } from 'vitest';
import { nightOf } from '../fixtures/nights.ts';
import { nightSummary, pinNews } from './night-lines.ts';

const pin = { id: 'peft-0.20.0', versions: { peft: '0.20.0', torch: '2.14.0' }, isHead: true } as const;
const torch = { package: 'torch', from: '2.13.0', to: '2.14.0' };
const filelock = { package: 'filelock', from: '4.0.7', to: '4.0.10' };

test.each([
  ['a pin that nobody had', { isNew: true, moved: [] }, 'peft-0.20.0 new'],
  ['a pin as it was', { isNew: false, moved: [] }, ''],
  [
    'one that takes the place of an older release',
    { isNew: true, follows: 'peft-0.19.1', moved: [{ package: 'peft', from: '0.19.1', to: '0.20.0' }] },
    'peft-0.20.0 new, after peft-0.19.1: peft 0.19.1 -> 0.20.0',
  ],
  ['the same pin, with another torch', { isNew: true, moved: [torch] }, 'peft-0.20.0: torch 2.13.0 -> 2.14.0'],
  [
    'the same pin, with a package that it does not tell of',
    { isNew: true, moved: [filelock] },
    'peft-0.20.0: filelock 4.0.7 -> 4.0.10',
  ],
  [
    'the same pin, with many',
    { isNew: true, moved: [torch, filelock, { package: 'certifi', from: '1', to: '2' }] },
    'peft-0.20.0: torch 2.13.0 -> 2.14.0, filelock 4.0.7 -> 4.0.10, and 1 more package',
  ],
])('%s', (_, night, line) => {
  expect(pinNews({ ...pin, ...night })).toBe(line);
});

test.each([
  [['a'], 'exit 1: 1 named, and did not show: a'],
  [['a', 'b', 'c', 'd', 'e'], 'exit 1: 5 named, and did not show: a, b, c and 2 more'],
])('what turns a night red is named: %s', (stale, line) => {
  expect(nightSummary(nightOf({ stale }))).toEqual(['0 broke, 0 found, 0 mended, 0 stand; 1 campaign', line]);
  expect(nightSummary(nightOf({ stale, suspect: 'it was' }))).toEqual([
    'nothing is claimed',
    'exit 3: suspect: it was',
  ]);
});
