import * as fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadCatalogue, type Catalogue } from '../matrices/catalogue.ts';
import { countsOf, failureOf, pinOf, quietReport } from '../reports/fixtures/reports.ts';
import { cellOf, verdictsOf } from '../reports/fixtures/verdicts.ts';
import type { Failure, ReportedPin } from '../reports/report-model.ts';
import {
  formatSupportMatrix,
  supportMatrixSchema,
  type SupportCell,
  type SupportMatrix,
} from '../reports/support-matrix/support-matrix-model.ts';
import type { CellVerdict, Verdicts } from '../reports/verdicts-model.ts';
import { makeSupportMatrix } from './make-support-matrix.ts';
import { combineCells } from '../reports/support-matrix/combine-states.ts';
import type { StoredCampaign } from './newest-verdicts.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

const reasons = [
  { because: 'there since 0.21', rule: 'adapter:lora', whole: true as const, since: '0.21.0' },
  { because: 'not on this model', rule: 'linear-layers-only' },
  { because: 'no time' },
];

interface Told {
  readonly id?: string;
  readonly day?: number;
  readonly executor?: string;
  readonly pins?: readonly ReportedPin[];
  readonly failures?: readonly Failure[];
  readonly verdicts?: Partial<Verdicts>;
}

const campaignOf = (cells: readonly CellVerdict[], told: Told = {}): StoredCampaign => {
  const { id = 'c1', day = 1, executor = 'local', pins = [pinOf({})], failures = [], verdicts = {} } = told;
  const finishedAt = `2026-11-0${day}T00:00:00.000Z`;
  return {
    report: {
      ...quietReport,
      campaign: { ...quietReport.campaign, id, executor, finishedAt },
      pins,
      failures,
    },
    verdicts: verdictsOf({ campaign: id, reasons, cells, ...verdicts }),
  };
};

const release = '0.21.2';

const cellAt = (matrix: SupportMatrix, precision = 'fp32', sharding = 'none', evidence = 0): SupportCell | undefined =>
  matrix.rows.find(
    (row) =>
      row.method === 'lora' && row.precision === precision && row.sharding === sharding && row.evidence === evidence,
  )?.cells[release];

const pass = cellOf();
const fail = cellOf({ config: { adapter: 'lora', model: 'gpt2' }, verdict: 'fail', failures: ['f1'] });
const flaky = cellOf({ config: { adapter: 'lora', rank: 8 }, verdict: 'flaky', reason: 2 });
const notOffered = cellOf({ config: { adapter: 'lora', rank: 1 }, verdict: 'unsupported', reason: 0 });
const notHere = cellOf({ config: { adapter: 'lora', rank: 3 }, verdict: 'unsupported', reason: 1 });
const skipped = cellOf({ config: { adapter: 'lora', rank: 2 }, verdict: 'skipped', reason: 2 });
const broken = cellOf({ config: { adapter: 'lora', rank: 5 }, verdict: 'broken', reason: 2 });

describe('a state', () => {
  test.each<readonly [string, readonly CellVerdict[], string]>([
    ['every run passed', [pass], 'works'],
    ['some cells could not be, and every run passed', [pass, notOffered, notHere, skipped, broken], 'works'],
    ['some runs failed', [pass, fail], 'partly'],
    ['a run was flaky', [pass, flaky], 'partly'],
    ['nothing but a flaky run', [flaky], 'partly'],
    ['every run failed', [fail, skipped, broken], 'fails'],
    ['nothing was run, and it is not offered', [notOffered, skipped, broken], 'not-offered'],
    ['nothing was run, and another config might have been', [notHere], 'unknown'],
    ['all was skipped', [skipped], 'unknown'],
    ['all was broken', [broken], 'unknown'],
  ])('when %s', (_, cells, state) => {
    expect(cellAt(makeSupportMatrix([campaignOf(cells)], catalogue))?.state).toBe(state);
  });

  test.each<readonly [string, readonly string[], 'partly' | 'fails']>([
    ['a run trained, and failed in what is done afterwards', ['merge', 'combine'], 'partly'],
    ['a run failed in training, too', ['merge', 'train'], 'fails'],
    ['a run could not be loaded', ['load'], 'fails'],
  ])('when %s', (_, failedIn, state) => {
    const ids = failedIn.map((phase) => `in-${phase}`);
    const failures = failedIn.map((phase) => failureOf({ id: `in-${phase}`, phase }));
    const matrix = makeSupportMatrix([campaignOf([{ ...fail, failures: ids }], { failures })], catalogue);
    const told = state === 'partly' ? { state, fail: 1, trained: 1 } : { state, fail: 1 };
    expect(cellAt(matrix)).toMatchObject(told);
    expect(cellAt(matrix)?.trained).toBe(state === 'partly' ? 1 : undefined);
    expect(combineCells([cellAt(matrix)])).toMatchObject({ state });
  });

  test('is never works without a run, nor fails without one, whatever the verdicts', () => {
    const verdict = fc.constantFrom<CellVerdict['verdict']>(
      'pass',
      'fail',
      'flaky',
      'unsupported',
      'skipped',
      'broken',
    );
    const cell = fc.record({
      rank: fc.integer({ min: 1, max: 8 }),
      verdict,
      evidence: fc.integer({ min: 0, max: 2 }),
      reason: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 3 }), (campaigns) => {
        const stored = campaigns.map((cells, index) =>
          campaignOf(
            cells.map(({ rank, ...told }) => cellOf({ config: { adapter: 'lora', rank, at: told.evidence }, ...told })),
            { id: `c${index}`, day: index + 1 },
          ),
        );
        const matrix = makeSupportMatrix(stored, catalogue);
        for (const { state, pass: passed = 0, fail: failed = 0, flaky: torn = 0 } of matrix.rows.flatMap((row) =>
          Object.values(row.cells),
        )) {
          expect(state === 'works').toBe(passed > 0 && failed + torn === 0);
          expect(state === 'fails').toBe(failed > 0 && passed + torn === 0);
          expect(state === 'partly').toBe(torn > 0 || (passed > 0 && failed > 0));
        }
        expect(supportMatrixSchema.parse(JSON.parse(formatSupportMatrix(matrix)))).toEqual(matrix);
      }),
    );
  });

  test('on a CPU with gloo and on CUDA with NCCL are two states', () => {
    const config = { adapter: 'lora', sharding: 'ddp' };
    const cuda = pinOf({ id: 'peft-0.21.2-cuda', device: 'cuda' });
    const matrix = makeSupportMatrix(
      [
        campaignOf(
          [
            cellOf({ config, evidence: 1 }),
            cellOf({ pin: cuda.id, config, evidence: 2, verdict: 'fail', failures: ['f1'] }),
          ],
          { pins: [pinOf({}), cuda], failures: [failureOf({ id: 'f1' })] },
        ),
      ],
      catalogue,
    );
    const states = matrix.rows.map((row) => [matrix.evidence[row.evidence]?.backend, row.cells[release]?.state]);
    expect(states).toEqual([
      ['gloo', 'works'],
      ['nccl', 'fails'],
    ]);
  });
});

describe('evidence', () => {
  test('is counted, named and shown by its simplest configs', () => {
    const known = { id: 'k', kind: 'bug', title: 't', link: 'https://example.org' } as const;
    const failures = [failureOf({ id: 'f1', known, minimal: { model: 'gpt2' } }), failureOf({ id: 'other' })];
    const matrix = makeSupportMatrix([campaignOf([pass, fail, notHere, skipped, broken], { failures })], catalogue);
    expect(cellAt(matrix)).toEqual({
      state: 'partly',
      pass: 1,
      passed: [0],
      fail: 1,
      failures: [{ id: 'f1', cells: 1, configs: [1] }],
      unsupported: [{ reason: 0, cells: 1 }],
      skipped: [{ reason: 1, cells: 1 }],
      broken: [{ reason: 1, cells: 1 }],
      environments: [0],
      campaigns: [0],
    });
    expect(matrix.configs).toEqual([{}, { model: 'gpt2' }]);
    expect(matrix.reasons).toEqual([reasons[1], reasons[2]]);
    expect(Object.keys(matrix.failures)).toEqual(['f1']);
    expect(matrix.failures['f1']).toMatchObject({ known: { id: 'k' }, minimal: { model: 'gpt2' } });
  });

  test('of defaults that a config leaves out is put where it belongs', () => {
    const matrix = makeSupportMatrix([campaignOf([cellOf({ config: {} })])], catalogue);
    expect(matrix.rows).toMatchObject([{ method: 'none', sharding: 'none', precision: 'fp32' }]);
  });
});

const older = (cells: readonly CellVerdict[], told: Told = {}): StoredCampaign =>
  campaignOf(cells, { id: 'old', day: 1, ...told });
const newer = (cells: readonly CellVerdict[], told: Told = {}): StoredCampaign =>
  campaignOf(cells, { id: 'new', day: 2, ...told });

describe('campaigns', () => {
  const failed = { ...pass, verdict: 'fail', failures: ['f1'] } as const;

  test('that tell of the same cell: the newest is believed, in whatever order they come', () => {
    for (const stored of [
      [older([failed]), newer([pass])],
      [newer([pass]), older([failed])],
    ]) {
      expect(cellAt(makeSupportMatrix(stored, catalogue))).toMatchObject({ state: 'works', pass: 1, campaigns: [1] });
    }
  });

  test('that did not ask do not take away what an older one saw', () => {
    for (const verdict of ['skipped', 'broken'] as const) {
      const matrix = makeSupportMatrix([older([failed]), newer([{ ...pass, verdict, reason: 2 }])], catalogue);
      expect(cellAt(matrix)).toMatchObject({ state: 'fails', fail: 1, campaigns: [0] });
    }
  });

  test('with other versions, or in another executor, tell of other cells', () => {
    const versions = { ...pinOf({}).versions, torch: '2.12.0' };
    const other = newer([pass], { pins: [pinOf({ versions })] });
    expect(cellAt(makeSupportMatrix([older([failed]), other], catalogue))).toMatchObject({
      state: 'partly',
      environments: [0, 1],
    });
    const docker = newer([pass], { executor: 'docker' });
    expect(cellAt(makeSupportMatrix([older([failed]), docker], catalogue))).toMatchObject({ state: 'partly' });
  });

  test('give columns for every release that has a pin, oldest first', () => {
    const pins = ['0.21.2', '0.9.0', '0.10.0'].map((peft) => pinOf({ id: `peft-${peft}`, versions: { peft } }));
    const matrix = makeSupportMatrix([older([{ ...pass, pin: 'peft-0.9.0' }], { pins })], catalogue);
    expect(matrix.releases).toEqual(['0.9.0', '0.10.0', '0.21.2']);
    expect(matrix.rows[0]?.ranges.map(({ state, interval }) => `${interval} ${state}`)).toEqual([
      '[0.9.0] works',
      '[0.10.0, 0.21.2] unknown',
    ]);
  });

  test('name pins that could not be asked, and environments that cannot be imported', () => {
    const pins = [
      pinOf({ id: 'a', versions: {}, broken: 'no such version' }),
      pinOf({ id: 'b', versions: { peft: '0.16.0' }, counts: countsOf({}) }),
    ];
    const failures = [failureOf({ id: 'i1', phase: 'import', pins: ['b'], minimal: {} })];
    const matrix = makeSupportMatrix([older([], { pins, failures })], catalogue);
    expect(matrix.unasked).toEqual([{ pin: 'a', campaign: 0, verdict: 'broken', because: 'no such version' }]);
    expect(matrix.environments).toMatchObject([{ release: '0.16.0', importFailure: 'i1' }]);
    expect(matrix.failures['i1']).toMatchObject({ phase: 'import' });
    const mended = newer([], { pins: [pinOf({ id: 'b', versions: { peft: '0.16.0' } })] });
    expect(makeSupportMatrix([older([], { pins, failures }), mended], catalogue).environments[0]).not.toHaveProperty(
      'importFailure',
    );
  });

  test('of none there is a matrix that says nothing', () => {
    expect(makeSupportMatrix([], catalogue)).toMatchObject({ releases: [], rows: [], campaigns: [] });
  });
});
