import { describe, expect, test } from 'vitest';
import { rowOf, supportCellOf } from '../../fixtures/matrices.ts';
import { indexOf } from '../fixtures/index-of.ts';
import { answer, furtherAxes, type Question } from './answer.ts';
import { nearestWorking } from './nearest-working.ts';

const index = indexOf({
  releases: ['0.11.1', '0.12.0', '0.21.2'],
  defaults: { adapter: 'none', sharding: 'none', precision: 'fp32', rank: 4, wrap: 'peft' },
  configs: [{}, { rank: 8 }, { wrap: 'none' }],
  failures: {
    f: {
      property: 'runs',
      phase: 'train',
      exception: 'IndexError',
      message: 'tuple index out of range',
      minimal: { adapter: 'dora', sharding: 'fsdp1', wrap: 'none' },
      campaigns: [0],
    },
  },
  rows: [
    rowOf({
      method: 'dora',
      sharding: 'fsdp1',
      evidence: 1,
      cells: {
        '0.11.1': supportCellOf({ state: 'works', pass: 2, passed: [0] }),
        '0.21.2': supportCellOf({ pass: 2, passed: [0, 1], fail: 1, failures: [{ id: 'f', cells: 1, configs: [2] }] }),
      },
    }),
    rowOf({ method: 'dora', cells: { '0.21.2': supportCellOf({ state: 'works', pass: 9 }) } }),
    rowOf({
      method: 'dora',
      sharding: 'fsdp1',
      precision: 'bf16',
      evidence: 1,
      cells: { '0.21.2': supportCellOf({ state: 'works', pass: 1 }) },
    }),
    rowOf({
      method: 'dora',
      sharding: 'fsdp1',
      evidence: 2,
      cells: { '0.21.2': supportCellOf({ state: 'works', pass: 5 }) },
    }),
    rowOf({
      method: 'hra',
      sharding: 'fsdp1',
      evidence: 1,
      cells: { '0.11.1': supportCellOf({ state: 'not-offered', pass: 0 }) },
    }),
  ],
});
const [, gloo] = index.evidence;

const ask = (question: Partial<Question> = {}): Question => {
  if (gloo === undefined) throw new Error('the fixture has gloo');
  return {
    method: 'dora',
    release: '0.21.2',
    sharding: 'fsdp1',
    precision: 'fp32',
    evidence: gloo,
    values: {},
    ...question,
  };
};

describe('will it work?', () => {
  test('without further values it is what all runs of the place come to', () => {
    expect(answer(index, ask())).toMatchObject({
      state: 'partly',
      basis: 'same-place',
      combined: { pass: 2, fail: 1 },
      failures: ['f'],
    });
  });

  test('a config that was run is answered by that run', () => {
    expect(answer(index, ask({ values: { rank: '8' } }))).toMatchObject({
      state: 'works',
      basis: 'exact',
      failures: [],
    });
    expect(answer(index, ask({ values: { wrap: 'none' } }))).toMatchObject({
      state: 'fails',
      basis: 'exact',
      failures: ['f'],
    });
    // The default, said or not, is the same config.
    expect(answer(index, ask({ values: { rank: '4' } }))).toMatchObject({ state: 'works', basis: 'exact' });
  });

  test('one that was not, and holds all that a failure needs, is told so', () => {
    expect(answer(index, ask({ values: { wrap: 'none', rank: '8' } }))).toMatchObject({
      state: 'fails',
      basis: 'contains',
      failures: ['f'],
    });
  });

  test('what failed after training is an answer in part', () => {
    const failures = { ...index.matrix.failures };
    const [id] = Object.keys(failures);
    const failure = failures[id ?? ''];
    if (id === undefined || failure === undefined) throw new Error('there is no failure');
    const later = { ...index, matrix: { ...index.matrix, failures: { [id]: { ...failure, phase: 'merge' } } } };
    expect(answer(later, ask({ values: { wrap: 'none' } }))).toMatchObject({ state: 'partly', basis: 'exact' });
    expect(answer(later, ask({ values: { wrap: 'none', rank: '8' } }))).toMatchObject({
      state: 'partly',
      basis: 'contains',
    });
  });

  test('one that nobody ran is answered by no more than its place', () => {
    expect(answer(index, ask({ values: { rank: '1' } }))).toMatchObject({ state: 'partly', basis: 'same-place' });
  });

  test('unknown and not offered are not the same, and neither is taken from another kind of evidence', () => {
    expect(answer(index, ask({ release: '0.12.0' }))).toMatchObject({ state: 'unknown', cell: undefined });
    expect(answer(index, ask({ method: 'hra', release: '0.11.1' })).state).toBe('not-offered');
    expect(answer(index, ask({ method: 'constructor', release: 'toString' })).state).toBe('unknown');
  });

  test('further axes are those that runs of the place vary, defaults first', () => {
    expect([...furtherAxes(index, answer(index, ask()).cell)]).toEqual([
      ['rank', ['4', '8']],
      ['wrap', ['peft', 'none']],
    ]);
  });
});

const near = (question: Partial<Question>): readonly string[] =>
  nearestWorking(index, ask(question)).map(
    ({ evidence, release, sharding, precision, changed }) =>
      `${evidence.slug} ${release} ${sharding} ${precision}: ${changed.join(', ')}`,
  );

describe('the nearest that passed', () => {
  test('changes as little as may be, and never the kind of device', () => {
    expect(near({})).toEqual([
      'cpu-gloo-2 0.21.2 fsdp1 fp32: ',
      'cpu-gloo-2 0.21.2 fsdp1 bf16: precision',
      'cpu-gloo-2 0.11.1 fsdp1 fp32: release',
      'cpu 0.21.2 none fp32: sharding',
    ]);
  });

  test('is nothing where no run of the method passed', () => {
    expect(near({ method: 'hra' })).toEqual([]);
  });
});
