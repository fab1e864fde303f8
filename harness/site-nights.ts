import { askedCells, type AskedCells } from '../reports/diff/asked-cells.ts';
import { compareAsked, factsOf } from '../reports/diff/compare-campaigns.ts';
import type { CampaignDiff } from '../reports/diff/diff-model.ts';
import type { Night } from '../reports/night/night-model.ts';
import type { Failure } from '../reports/report-model.ts';
import type { SiteNight } from '../reports/site/site-model.ts';
import type { StoredCampaign } from './newest-verdicts.ts';
import { standingId } from './night/what-stands.ts';

/**
 * What was told night by night, where there were nights of a matrix; of others each campaign against the one before it.
 * Oldest first.
 *
 * @param nights - Those of each matrix and executor in the order of days.
 * @param campaigns - Oldest first.
 */
export const siteNights = (nights: readonly Night[], campaigns: readonly StoredCampaign[]): readonly SiteNight[] => {
  const claimed = nights.filter(({ suspect, interrupted }) => suspect === undefined && interrupted !== true);
  const lines = new Set(claimed.map(lineOf));
  const others = campaigns.filter(({ report }) => !lines.has(lineOf(report.campaign)));
  return [...claimed.map(ofNight), ...ofCampaigns(others)].toSorted((left, right) =>
    left.campaign.finishedAt < right.campaign.finishedAt ? -1 : 1,
  );
};

const lineOf = ({ executor, matrix }: { readonly executor: string; readonly matrix: string }): string =>
  `${executor} ${matrix}`;

const ofNight = ({ matrix, executor, day, finishedAt, diff, failures }: Night): SiteNight =>
  diff === undefined
    ? {
        isNight: true,
        campaign: { id: standingId(matrix, day), matrix, executor, finishedAt, verdicts: true },
        found: failures.map(({ failure }) => foundOf(failure)),
      }
    : { isNight: true, campaign: diff.b, diff, found: [] };

/** Each campaign against the one before it of the same matrix in the same executor, in the order of time. */
const ofCampaigns = (campaigns: readonly StoredCampaign[]): readonly SiteNight[] => {
  // The last one of each line alone: all together may have more cells than there should be in memory at once.
  const last = new Map<string, AskedCells>();
  return campaigns.map((campaign) => {
    const line = lineOf(campaign.report.campaign);
    const [before, after] = [last.get(line), askedCells(campaign)];
    last.set(line, after);
    return before === undefined ? firstCampaign(campaign) : compared(compareAsked(before, after));
  });
};

const compared = (diff: CampaignDiff): SiteNight => ({ isNight: false, campaign: diff.b, diff, found: [] });

const firstCampaign = ({ report: { campaign, failures } }: StoredCampaign): SiteNight => {
  const { id, matrix, executor, finishedAt } = campaign;
  return {
    isNight: false,
    campaign: { id, matrix, executor, finishedAt, verdicts: true },
    found: failures.map(foundOf),
  };
};

const foundOf = (failure: Failure): SiteNight['found'][number] => ({
  ...factsOf(failure),
  pins: failure.pins,
  cells: failure.cells,
});
