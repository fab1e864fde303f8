import { expect, test } from 'vitest';
import { changeOf, diffOf, nightOf, standingOf } from '../reports/fixtures/nights.ts';
import { eventfulReport, failureOf } from '../reports/fixtures/reports.ts';
import { cellOf, verdictsOf } from '../reports/fixtures/verdicts.ts';
import { siteNightSchema, type SiteNight } from '../reports/site/site-model.ts';
import type { StoredCampaign } from './newest-verdicts.ts';
import { siteNights } from './site-nights.ts';

const failure = failureOf({ id: 'f', pins: ['peft-0.21.2'], cells: 2 });

const campaignOf = (day: number, matrix = 'quick'): StoredCampaign => ({
  report: {
    ...eventfulReport,
    campaign: {
      ...eventfulReport.campaign,
      id: `c${day}`,
      matrix,
      finishedAt: `2026-11-0${day}T00:00:00.000Z`,
    },
    failures: [failure],
  },
  verdicts: verdictsOf({ cells: [cellOf({ verdict: 'fail', failures: ['f'] })] }),
});

const said = (nights: readonly SiteNight[]): readonly string[] =>
  nights.map(({ isNight, campaign, diff, found }) => {
    const told = diff === undefined ? 'first' : `against ${diff.a.id}`;
    return `${isNight ? 'night' : 'campaign'} ${campaign.id}, ${told}: ${found.map((one) => `${one.failure} ${one.cells}`).join(', ')}`;
  });

test('the first night is there, with all that it found', () => {
  const first = nightOf({ day: '2026-11-01', finishedAt: '2026-07-01T03:00:00.000Z', failures: [standingOf(failure)] });
  const diff = diffOf([changeOf('same', failure)]);
  const second = nightOf({ day: '2026-11-02', diff: { ...diff, a: { ...diff.a, id: 'quick@2026-11-01' } } });
  const nights = siteNights([first, second], []);
  expect(said(nights)).toEqual(['night quick@2026-11-01, first: f 2', 'night c, against quick@2026-11-01: ']);
  for (const night of nights) expect(siteNightSchema.parse(night)).toEqual(night);
});

test('a night of which nothing is claimed is left out', () => {
  expect(siteNights([nightOf({ suspect: 'too much is broken' }), nightOf({ interrupted: true })], [])).toEqual([]);
});

test('campaigns without nights are compared one after the other, and are no nights', () => {
  const campaigns = [campaignOf(1), campaignOf(2, 'other'), campaignOf(3)];
  expect(said(siteNights([], campaigns))).toEqual([
    'campaign c1, first: f 2',
    'campaign c2, first: f 2',
    'campaign c3, against c1: ',
  ]);
});

test('campaigns of a matrix that has nights are told by these', () => {
  expect(said(siteNights([nightOf({ day: '2026-11-01' })], [campaignOf(3)]))).toEqual([
    'night quick@2026-11-01, first: ',
  ]);
});
