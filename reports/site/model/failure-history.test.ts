import { expect, test } from 'vitest';
import { rowOf, supportCellOf } from '../../fixtures/matrices.ts';
import { indexOf } from '../fixtures/index-of.ts';
import { failureHistory, seenSpan } from './failure-history.ts';
import { listFailures } from './failure-list.ts';
import { failureMoves, releaseChanges } from './release-changes.ts';

const failure = {
  property: 'runs',
  phase: 'train',
  exception: 'IndexError',
  message: 'tuple index out of range',
  minimal: { adapter: 'dora', sharding: 'fsdp1' },
  campaigns: [0],
};
const shows = supportCellOf({ pass: 1, fail: 2, failures: [{ id: 'f', cells: 2, configs: [0] }] });
const passes = supportCellOf({ state: 'works', pass: 4 });
const index = indexOf({
  releases: ['0.10.0', '0.11.1', '0.12.0', '0.13.2', '0.14.0'],
  failures: { f: failure },
  rows: [
    rowOf({
      method: 'dora',
      sharding: 'fsdp1',
      evidence: 1,
      cells: { '0.10.0': passes, '0.12.0': shows, '0.13.2': shows, '0.14.0': passes },
    }),
    rowOf({ method: 'lora', sharding: 'fsdp1', evidence: 1, cells: { '0.11.1': passes } }),
    rowOf({ method: 'dora', sharding: 'fsdp1', evidence: 2, cells: { '0.12.0': passes } }),
    rowOf({ method: 'dora', cells: { '0.11.1': supportCellOf({ state: 'not-offered', pass: 0 }), '0.12.0': passes } }),
  ],
});

test('a failure is followed across releases, on each kind of evidence by itself, over what could show it', () => {
  const lanes = failureHistory(index, 'f');
  expect(
    lanes.map(({ evidence, points }) => [evidence.slug, ...points.map(({ shown, runs }) => `${shown}/${runs}`)]),
  ).toEqual([
    ['cpu-gloo-2', '0/4', '0/0', '2/3', '2/3', '0/4'],
    ['cuda-nccl-2', '0/0', '0/0', '0/4', '0/0', '0/0'],
  ]);
  expect(lanes.map(seenSpan)).toEqual([
    { first: '0.12.0', last: '0.13.2', before: '0.10.0', after: '0.14.0' },
    undefined,
  ]);
  expect(failureHistory(index, 'g')).toEqual([]);
});

test('failures are listed with where they show', () => {
  expect(listFailures(index, 1)).toEqual([
    { id: 'f', failure, runs: 4, methods: ['dora'], releases: ['0.12.0', '0.13.2'] },
  ]);
  expect(listFailures(index, 2)).toEqual([]);
});

test('a release says what changed against the one before it', () => {
  const changes = (evidence: number, release: string): readonly string[] =>
    releaseChanges(index, evidence, release).map(({ kind, method }) => `${kind} ${method}`);
  expect(changes(1, '0.10.0')).toEqual([]);
  expect(changes(1, '0.11.1')).toEqual(['first-run lora', 'not-run dora']);
  expect(changes(1, '0.13.2')).toEqual([]);
  expect(changes(1, '0.14.0')).toEqual(['better dora']);
  expect(changes(0, '0.12.0')).toEqual(['offered dora']);
  expect(failureMoves(index, 1, '0.12.0')).toEqual({ appeared: ['f'], vanished: [] });
  expect(failureMoves(index, 1, '0.13.2')).toEqual({ appeared: [], vanished: [] });
  expect(failureMoves(index, 1, '0.14.0')).toEqual({ appeared: [], vanished: ['f'] });
});
