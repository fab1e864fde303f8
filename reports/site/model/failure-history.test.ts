import { describe, expect, test } from 'vitest';
import { rowOf, supportCellOf } from '../../fixtures/matrices.ts';
import type { SupportRow } from '../../support-matrix/support-matrix-model.ts';
import { indexOf } from '../fixtures/index-of.ts';
import { failureHistory, seenSpan } from './failure-history.ts';
import { listFailures } from './failure-list.ts';
import { nearestWithout } from './nearest-working.ts';
import { failureMoves, releaseChanges } from './release-changes.ts';
import type { SiteIndex } from './site-index.ts';

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

const changes = (evidence: number, release: string): readonly string[] =>
  releaseChanges(index, evidence, release).map(({ kind, method }) => `${kind} ${method}`);

test('a release says what changed against the one before it', () => {
  expect(changes(1, '0.10.0')).toEqual([]);
  expect(changes(1, '0.11.1')).toEqual(['first-run lora', 'not-run dora']);
  expect(changes(1, '0.13.2')).toEqual([]);
  expect(changes(1, '0.14.0')).toEqual(['better dora']);
  expect(changes(0, '0.12.0')).toEqual(['offered dora']);
});

const cellsOf = (cells: SupportRow['cells']): SiteIndex =>
  indexOf({ failures: { f: failure }, rows: [rowOf({ method: 'dora', sharding: 'fsdp1', evidence: 1, cells })] });

const moves = (of: SiteIndex, release: string): readonly string[] => {
  const { appeared, vanished, unaskedHere, unaskedBefore } = failureMoves(of, 1, release);
  return Object.entries({ appeared, vanished, unaskedHere, unaskedBefore }).flatMap(([kind, ids]) =>
    ids.map((id) => `${kind} ${id}`),
  );
};

test('a failure has come or gone only where something that could show it was run', () => {
  // On 0.11.1 nothing of its method was run.
  expect(moves(index, '0.12.0')).toEqual(['unaskedBefore f']);
  expect(moves(index, '0.13.2')).toEqual([]);
  expect(moves(index, '0.14.0')).toEqual(['vanished f']);
  expect(moves(cellsOf({ '0.20.0': passes, '0.21.2': shows }), '0.21.2')).toEqual(['appeared f']);
  expect(moves(cellsOf({ '0.20.0': shows }), '0.21.2')).toEqual(['unaskedHere f']);
});

describe('what is asked on one process only', () => {
  const merging = { ...failure, property: 'merge-agrees', phase: 'merge', minimal: { adapter: 'lora' } };
  const rows = [
    rowOf({ cells: { '0.20.0': shows } }),
    rowOf({ sharding: 'fsdp1', evidence: 1, cells: { '0.20.0': passes, '0.21.2': passes } }),
  ];

  test('is not passed by a run of several', () => {
    const lanes = failureHistory(indexOf({ failures: { f: merging }, rows }), 'f');
    expect(
      lanes.map(({ evidence, points }) => [evidence.slug, ...points.map(({ shown, runs }) => `${shown}/${runs}`)]),
    ).toEqual([['cpu', '2/3', '0/0']]);
    // Training is asked of both.
    const training = indexOf({ failures: { f: { ...merging, property: 'runs', phase: 'train' } }, rows });
    expect(failureHistory(training, 'f').map(({ evidence }) => evidence.slug)).toEqual(['cpu', 'cpu-gloo-2']);
  });

  test('is so also by what is compared', () => {
    const agrees = { ...merging, property: 'agrees-with-release', phase: 'train' };
    const lanes = failureHistory(indexOf({ failures: { f: agrees }, rows }), 'f');
    expect(lanes.map(({ evidence }) => evidence.slug)).toEqual(['cpu']);
  });

  test('counts where a campaign tells of it on several all the same', () => {
    const told = [...rows, rowOf({ sharding: 'ddp', evidence: 1, cells: { '0.20.0': shows, '0.21.2': passes } })];
    const [, lane] = failureHistory(indexOf({ failures: { f: merging }, rows: told }), 'f');
    expect(lane?.points.map(({ shown, runs }) => `${shown}/${runs}`)).toEqual(['2/3', '0/4']);
  });

  test('has no work-around in a run of several', () => {
    const question = {
      method: 'lora',
      release: '0.20.0',
      sharding: 'none',
      precision: 'fp32',
      values: {},
    };
    const near = (phase: string): readonly string[] => {
      const one = indexOf({ failures: { f: { ...merging, property: 'runs', phase } }, rows });
      const [evidence] = one.evidence;
      return evidence === undefined
        ? []
        : nearestWithout(one, 'f', { ...question, evidence }).map(({ sharding, release }) => `${sharding} ${release}`);
    };
    expect(near('merge')).toEqual(['none 0.20.0']);
    expect(near('train')).toEqual(['none 0.20.0', 'fsdp1 0.20.0', 'fsdp1 0.21.2']);
  });
});
