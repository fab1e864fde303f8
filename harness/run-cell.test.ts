import PQueue from 'p-queue';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CellResult } from '../containers/executor.ts';
import { loadCatalogue, type Catalogue } from '../matrices/catalogue.ts';
import type { CampaignEvent } from '../reports/events.ts';
import type { Cell } from './cell.ts';
import { cellOf, observed } from './fixtures/cells.ts';
import { diaryExecutor, type Behaviour, type DiaryExecutor } from './fixtures/executor.ts';
import { StoppedError } from './interruption.ts';
import { Ledger } from './ledger.ts';
import { PinPool } from './pin-pool.ts';
import {
  onlyLedger,
  runOnExecutor,
  withEvents,
  withLedger,
  withQueue,
  withRetry,
  withStop,
  type Run,
} from './run-cell.ts';

const { signal } = new AbortController();
const broken = (reason: string): CellResult => ({ kind: 'broken', reason });

/** A run that gives these results in turn, and counts. */
const giving = (...results: readonly CellResult[]): { readonly run: Run; readonly asked: Cell[] } => {
  const asked: Cell[] = [];
  const run: Run = (cell) => {
    asked.push(cell);
    return Promise.resolve(results[asked.length - 1] ?? observed(asked.length));
  };
  return { run, asked };
};

const onDiary = (behaviour: Behaviour): { readonly run: Run; readonly executor: DiaryExecutor } => {
  const executor = diaryExecutor(behaviour);
  const silent = { onStep: () => {}, onWarning: () => {}, onOpen: () => {} };
  return { executor, run: runOnExecutor(new PinPool({ executor, ...silent, signal })) };
};

describe('on an executor', () => {
  test('a cell is run on its pin', async () => {
    const { run, executor } = onDiary({});
    await expect(run(cellOf(), signal)).resolves.toEqual(observed(1));
    expect(executor.diary).toEqual(['open some', 'run some']);
  });

  test('a cell that breaks ends its probe; the next gets a new one', async () => {
    const { run, executor } = onDiary({ results: [broken('the probe ended')] });
    await expect(run(cellOf(), signal)).resolves.toEqual(broken('the probe ended'));
    await expect(run(cellOf(), signal)).resolves.toEqual(observed(1));
    expect(executor.diary).toEqual(['open some', 'run some', 'close some', 'open some', 'run some']);
  });

  test('a pin that does not open breaks the cell, in its own words', async () => {
    const { run } = onDiary({ opening: () => Promise.resolve({ kind: 'broken', reason: 'no such index' }) });
    await expect(run(cellOf(), signal)).resolves.toEqual(broken('no such index'));
  });

  test('a pin that cannot be imported breaks the cell', async () => {
    const failure = { versions: {}, type: 'ImportError', message: 'no torch', frames: [] };
    const { run } = onDiary({ opening: () => Promise.resolve({ kind: 'import-failed', failure }) });
    await expect(run(cellOf(), signal)).resolves.toEqual(broken('no torch'));
  });

  test.each([
    ['killed', broken('rank 1 was killed in train and nothing says why')],
    ['out-of-memory', undefined],
    ['crash', undefined],
  ] as const)('a rank that ended by "%s"', async (kind, expected) => {
    const result: CellResult = {
      kind: 'observed',
      observation: { phases: [], ranks: 2, backend: 'gloo', stop: { kind, phase: 'train', rank: 1 } },
      provenance: {},
    };
    const { run } = onDiary({ results: [result] });
    await expect(run(cellOf(), signal)).resolves.toEqual(expected ?? result);
  });
});

describe('retrying', () => {
  test('a broken cell is asked for again, so often and no more', async () => {
    const { run, asked } = giving(broken('1'), broken('2'), broken('3'), broken('4'));
    await expect(withRetry(run, 2)(cellOf(), signal)).resolves.toEqual(broken('3'));
    expect(asked).toHaveLength(3);
  });

  test('what was observed is not asked for again', async () => {
    const { run, asked } = giving(broken('1'), observed(7));
    await expect(withRetry(run, 5)(cellOf(), signal)).resolves.toEqual(observed(7));
    expect(asked).toHaveLength(2);
  });
});

describe('the ledger', () => {
  test('answers what it has, for ever', async () => {
    using ledger = new Ledger(':memory:');
    const { run, asked } = giving();
    const remembering = withLedger(run, ledger, new Map());
    const first = await remembering(cellOf(), signal);
    await expect(remembering(cellOf(), signal)).resolves.toEqual(first);
    expect(asked).toHaveLength(1);
    await remembering(cellOf({ number: 1 }), signal);
    await remembering(cellOf({ cold: true }), signal);
    await remembering(cellOf({ rank: 8 }), signal);
    expect(asked).toHaveLength(4);
  });

  test('two askers for one cell share one run', async () => {
    using ledger = new Ledger(':memory:');
    const { run, asked } = giving();
    const remembering = withLedger(run, ledger, new Map());
    const both = await Promise.all([remembering(cellOf(), signal), remembering(cellOf(), signal)]);
    expect(both).toEqual([observed(1), observed(1)]);
    expect(asked).toHaveLength(1);
  });

  test('does not keep what could not be asked, but its reason is told until it could', async () => {
    using ledger = new Ledger(':memory:');
    const reasons = new Map<string, string>();
    const { run, asked } = giving(broken('no room'));
    const remembering = withLedger(run, ledger, reasons);
    const lookUp = onlyLedger(ledger, reasons);
    await expect(lookUp(cellOf(), signal)).resolves.toEqual(broken('not run'));
    await remembering(cellOf(), signal);
    await expect(lookUp(cellOf(), signal)).resolves.toEqual(broken('no room'));
    expect(ledger.countObservations()).toBe(0);
    await remembering(cellOf(), signal);
    await expect(lookUp(cellOf(), signal)).resolves.toEqual(observed(2));
    expect([asked.length, reasons.size]).toEqual([2, 0]);
  });

  test('a run that throws is not shared with those who come later', async () => {
    using ledger = new Ledger(':memory:');
    let runs = 0;
    const remembering = withLedger(
      () => ((runs += 1) === 1 ? Promise.reject(new Error('enough')) : Promise.resolve(observed(1))),
      ledger,
      new Map(),
    );
    await expect(remembering(cellOf(), signal)).rejects.toThrow('enough');
    await expect(remembering(cellOf(), signal)).resolves.toEqual(observed(1));
  });
});

test('once it is stopped nothing begins, and what runs goes on', async () => {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<CellResult>();
  const stoppable = withStop(() => promise, controller.signal);
  const running = stoppable(cellOf(), signal);
  controller.abort(new StoppedError('budget'));
  await expect(stoppable(cellOf({ rank: 8 }), signal)).rejects.toThrow('the time of the budget is spent');
  resolve(observed(1));
  await expect(running).resolves.toEqual(observed(1));
});

test('no more run at once than the queue lets through', async () => {
  let [now, most] = [0, 0];
  const run: Run = async () => {
    now += 1;
    most = Math.max(most, now);
    await new Promise(setImmediate);
    now -= 1;
    return observed(1);
  };
  const queued = withQueue(run, new PQueue({ concurrency: 2 }));
  await Promise.all([1, 2, 3, 4, 5].map((rank) => queued(cellOf({ rank }), signal)));
  expect(most).toBe(2);
});

describe('events', () => {
  let catalogue: Catalogue;

  beforeAll(async () => {
    catalogue = await loadCatalogue();
  });

  test('tell when a cell begins, ends, and what it comes to', async () => {
    const events: CampaignEvent[] = [];
    let ran = 0;
    const telling = withEvents(
      giving(broken('no')).run,
      catalogue,
      (event) => events.push(event),
      () => (ran += 1),
    );
    await telling(cellOf(), signal);
    expect(events).toMatchObject([
      { kind: 'cell-started', pin: 'some', config: { rank: 4 } },
      { kind: 'cell-finished', pin: 'some', config: { rank: 4 }, verdict: 'broken' },
    ]);
    expect(ran).toBe(1);
  });
});
