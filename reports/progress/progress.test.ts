import { expect, test } from 'vitest';
import type { CampaignEvent } from '../events.ts';
import { campaignEvents } from '../fixtures/campaign-events.ts';
import { advance, beginProgress, stageTimeLeft } from './progress.ts';
import type { Progress } from './progress.ts';

const after = (events: readonly CampaignEvent[]): Progress =>
  events.reduce((progress, event, index) => advance(progress, event, index * 1000), beginProgress(0));

const until = (kind: CampaignEvent['kind'], nth = 1): readonly CampaignEvent[] => {
  let seen = 0;
  const end = campaignEvents.findIndex((event) => event.kind === kind && ++seen === nth);
  return campaignEvents.slice(0, end + 1);
};

test('pins go from waiting through their steps to ready or broken', () => {
  expect([...after(until('campaign-started')).pins.values()].map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  expect(after(until('pin-step')).pins.get('peft-0.21.2')).toEqual({
    state: 'working',
    step: 'installing torch 2.13.0',
    since: 1000,
  });
  expect([...after(campaignEvents).pins.values()].map(({ state }) => state)).toEqual(['ready', 'broken']);
});

test('cells are counted and leave the list of what is running', () => {
  const progress = after(until('cell-finished', 1));
  expect(progress.running.map(({ config }) => config)).toEqual([{ adapter: 'dora', sharding: 'fsdp1' }]);
  expect(progress.stage).toMatchObject({ name: 'run', total: 3, done: 1, cells: 1 });
  expect(progress.counts).toMatchObject({ pass: 1, fail: 0 });
});

test('of two equal cells that run at once only one has finished', () => {
  const cell = { pin: 'p', config: { adapter: 'lora' } };
  const progress = after([
    { kind: 'cell-started', ...cell },
    { kind: 'cell-started', ...cell },
    { kind: 'cell-finished', ...cell, verdict: 'pass', ms: 1 },
  ]);
  expect(progress.running).toHaveLength(1);
});

test('what shrinking runs does not count as cells of the plan', () => {
  const progress = after(until('failure-shrunk'));
  expect(progress.stage).toMatchObject({ name: 'shrink', total: 1, done: 1, cells: 1 });
  expect(progress.counts).toMatchObject({ pass: 1, fail: 1 });
});

test('what bisecting runs counts for the failure that it is about', () => {
  const cell = { pin: 'peft-0.20.0', config: {} };
  const progress = after([
    { kind: 'stage-started', stage: 'bisect', total: 2 },
    { kind: 'cell-started', ...cell },
    { kind: 'cell-finished', ...cell, verdict: 'fail', ms: 1 },
    { kind: 'failure-bisected', id: '3fa92c10b7de', answer: 'peft 0.12.0 brought it' },
  ]);
  expect(progress.stage).toMatchObject({ name: 'bisect', total: 2, done: 1, cells: 1 });
  expect(progress.counts).toMatchObject({ fail: 0 });
});

test('without a total of its own the stage run takes what is planned and not in the ledger', () => {
  const progress = after([
    { kind: 'planned', cells: 50, known: 20 },
    { kind: 'stage-started', stage: 'run' },
  ]);
  expect(progress.stage?.total).toBe(30);
});

test('a stage that is announced again keeps what it has done', () => {
  const progress = after([...until('cell-finished'), { kind: 'stage-started', stage: 'run', total: 9 }]);
  expect(progress.stage).toMatchObject({ total: 9, done: 1 });
});

test('the time left grows no smaller than nothing while a cell takes long', () => {
  const cell = { pin: 'p', config: {} };
  const cells = Array.from({ length: 8 }, (): CampaignEvent => ({
    kind: 'cell-finished',
    ...cell,
    verdict: 'pass',
    ms: 1,
  }));
  const { stage } = after([{ kind: 'stage-started', stage: 'run', total: 10 }, ...cells]);
  expect(stage).toBeDefined();
  if (stage === undefined) return;
  expect(stageTimeLeft(stage, 8000)).toBe(2000);
  expect(stageTimeLeft(stage, 9500)).toBe(500);
  expect(stageTimeLeft(stage, 99_000)).toBe(0);
});
