import { expect, test } from 'vitest';
import type { CampaignEvent } from '../../reports/events.ts';
import { partsOf } from './parts.ts';

const started: CampaignEvent = { kind: 'campaign-started', campaign: 'a-1', matrix: 'a', pins: ['p', 'q'] };
const step = (name: string, pin = 'p'): CampaignEvent => ({ kind: 'pin-step', pin, step: name });
const stage = (name: 'run' | 'shrink' | 'confirm'): CampaignEvent => ({ kind: 'stage-started', stage: name, total: 1 });

const events = [started, step('building'), step('building', 'q'), step('importing'), stage('run'), step('building')];
const parts = partsOf({ events, times: [10, 20, 30, 40, 90, 95] }, 1, 100);

test('parts are the stages, but the steps of importing stand for themselves, once each', () => {
  expect(parts.map(({ name, ms }) => [name, ms])).toEqual([
    ['starting', 20],
    ['building', 20],
    ['importing', 50],
    ['running', 10],
    ['shrinking', 0],
    ['confirming', 0],
    ['reporting', 0],
  ]);
});

test.each([
  ['building', [started], false],
  ['building', [started, step('building')], true],
  ['importing', [started, step('building')], false],
  ['building', [started, step('importing')], true],
  ['importing', [started, stage('run')], true],
  ['running', [started, step('importing')], false],
])('%s, after %o: %s', (name, told: readonly CampaignEvent[], isReached) => {
  expect(parts.find((part) => part.name === name)?.isReached(told, 1)).toBe(isReached);
});
