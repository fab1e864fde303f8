import { expect, test } from 'vitest';
import type { CampaignEvent } from '../../reports/events.ts';
import { stageDurations, stageOf } from './stages.ts';

const started: CampaignEvent = { kind: 'campaign-started', campaign: 'a-1', matrix: 'a', pins: ['p'] };
const step: CampaignEvent = { kind: 'pin-step', pin: 'p', step: 'importing' };
const cell: CampaignEvent = { kind: 'cell-finished', pin: 'p', config: {}, verdict: 'fail', ms: 1 };
const stage = (name: 'run' | 'shrink' | 'confirm'): CampaignEvent => ({ kind: 'stage-started', stage: name, total: 1 });

const events = [started, step, stage('run'), cell, stage('shrink'), cell, stage('confirm'), step, cell];

test('the stage follows from the events', () => {
  const reached = events.map((_, index) => stageOf(events.slice(0, index + 1), 1));
  expect(reached).toEqual([
    'starting',
    'importing',
    'running',
    'running',
    'shrinking',
    'shrinking',
    'confirming',
    'confirming',
    'reporting',
  ]);
});

test('a campaign that finds all its confirmations in the ledger reports at once', () => {
  expect(stageOf([started, stage('confirm')], 0)).toBe('reporting');
});

test('a stage lasts until the next one begins; one that was never reached takes no time', () => {
  const times = [10, 20, 50, 60, 100, 110, 200, 210, 300];
  expect(stageDurations({ events, times }, 1, 310)).toEqual({
    starting: 20,
    importing: 30,
    running: 50,
    shrinking: 100,
    confirming: 100,
    reporting: 10,
  });
  expect(stageDurations({ events: [started, step], times: [10, 20] }, 1, 25)).toEqual({
    starting: 20,
    importing: 5,
    running: 0,
    shrinking: 0,
    confirming: 0,
    reporting: 0,
  });
});
