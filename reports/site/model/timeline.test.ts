import { expect, test } from 'vitest';
import type { CampaignDiff } from '../../diff/diff-model.ts';
import { changeOf, diffOf } from '../../fixtures/nights.ts';
import { failureOf } from '../../fixtures/reports.ts';
import type { SiteNight } from '../site-model.ts';
import { acrossNights } from './timeline.ts';

const failure = failureOf({ id: 'f', pins: ['peft-0.20.0'] });

const night = (day: number, changes: CampaignDiff['changes'], matrix = 'm'): SiteNight => {
  const diff = diffOf(changes);
  const campaign = { ...diff.b, id: `${matrix}@2026-07-0${day}`, matrix };
  return { isNight: true, campaign, diff: { ...diff, b: campaign }, found: [] };
};

const first = (found: SiteNight['found']): SiteNight => {
  const { diff: _diff, ...one } = night(1, []);
  return { ...one, found };
};

const foundOf = (id: string, cells: number): SiteNight['found'][number] => {
  const { change: _change, seen: _seen, ...facts } = changeOf('same', failureOf({ id }), { cells });
  return facts;
};

const saidOf = (nights: readonly SiteNight[]): readonly string[] =>
  acrossNights(nights, 'f')[0]?.points.map(({ name, state, said }) => `${name} ${state}, ${said}`) ?? [];

test('a failure across nights: what each of them says of it, a lane for each matrix', () => {
  const nights = [
    first([foundOf('g', 1)]),
    night(2, [changeOf('regressed', failure, { cells: 2 })]),
    night(2, [changeOf('same', failureOf({ id: 'g' }))], 'other'),
    night(3, [changeOf('same', failure, { cells: 3 })]),
    night(4, [changeOf('changed', failure, { becomes: ['g'] })]),
    night(5, [changeOf('changed', failure, { was: ['g'] })]),
    night(6, [changeOf('fixed', failure), changeOf('same', failure, { cells: 1 })]),
    night(7, [changeOf('fixed', failure)]),
    night(8, [changeOf('not-asked', failure, { missing: 'b' })]),
    night(9, [changeOf('not-asked', failure, { missing: 'a', cells: 4 })]),
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
    '2026-07-09 shows, found: 4',
  ]);
});

test('what the first night found shows on it', () => {
  expect(saidOf([first([foundOf('f', 2)]), night(2, [changeOf('same', failure, { cells: 2 })])])).toEqual([
    '2026-07-01 shows, found: 2',
    '2026-07-02 shows, same: 2',
  ]);
});

test('what no cell of the plan shows was met while shrinking, and is no count of 0', () => {
  expect(saidOf([first([foundOf('f', 0)]), night(2, [changeOf('same', failure, { cells: 0 })])])).toEqual([
    '2026-07-01 met, found, met while shrinking',
    '2026-07-02 met, same, met while shrinking',
  ]);
});

test('two campaigns of one day have their times', () => {
  const campaigns = ['2026-07-01T02:10:00.000Z', '2026-07-01T05:20:30.000Z', '2026-07-02T02:10:00.000Z'].map(
    (finishedAt, at): SiteNight => {
      const { campaign, ...one } = night(1, [changeOf('same', failure)]);
      return { ...one, isNight: false, campaign: { ...campaign, id: `c${at}`, finishedAt } };
    },
  );
  const [lane] = acrossNights(campaigns, 'f');
  expect(lane?.isNight).toBe(false);
  expect(lane?.points.map(({ name }) => name)).toEqual(['2026-07-01 02:10:00', '2026-07-01 05:20:30', '2026-07-02']);
});
