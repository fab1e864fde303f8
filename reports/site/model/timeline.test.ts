import { expect, test } from 'vitest';
import type { CampaignDiff } from '../../diff/diff-model.ts';
import { changeOf, diffOf } from '../../fixtures/nights.ts';
import { failureOf } from '../../fixtures/reports.ts';
import { acrossNights } from './timeline.ts';

const failure = failureOf({ id: 'f', pins: ['peft-0.20.0'] });

const night = (day: number, changes: CampaignDiff['changes'], matrix = 'm'): CampaignDiff => {
  const diff = diffOf(changes);
  return { ...diff, b: { ...diff.b, id: `${matrix}@2026-07-0${day}`, matrix } };
};

test('a failure across nights: what each of them says of it, a lane for each matrix', () => {
  const nights = [
    night(1, []),
    night(2, [changeOf('regressed', failure, { cells: 2 })]),
    night(2, [changeOf('same', failureOf({ id: 'g' }))], 'other'),
    night(3, [changeOf('same', failure, { cells: 3 })]),
    night(4, [changeOf('changed', failure, { becomes: ['g'] })]),
    night(5, [changeOf('changed', failure, { was: ['g'] })]),
    night(6, [changeOf('fixed', failure), changeOf('same', failure, { cells: 1 })]),
    night(7, [changeOf('fixed', failure)]),
    night(8, [changeOf('not-asked', failure)]),
  ];
  const [lane, ...more] = acrossNights(nights, 'f');
  expect(more).toEqual([]);
  expect(lane?.name).toBe('m, local');
  expect(lane?.points.map(({ name, state, said }) => `${name} ${state}, ${said}`)).toEqual([
    '2026-07-01 none, nothing told',
    '2026-07-02 shows, regressed: 2',
    '2026-07-03 shows, same: 3',
    '2026-07-04 clear, changed',
    '2026-07-05 shows, changed: 1',
    '2026-07-06 shows, fixed, same: 1',
    '2026-07-07 clear, fixed',
    '2026-07-08 none, nothing told',
  ]);
});
