import { loadCatalogue } from '../../matrices/catalogue.ts';
import type { SiteNight } from '../../reports/site/site-model.ts';
import { renderMatrixMarkdown } from '../../reports/support-matrix/render-matrix-markdown.ts';
import { formatSupportMatrix, type SupportMatrix } from '../../reports/support-matrix/support-matrix-model.ts';
import { BisectStore } from '../bisect/bisect-store.ts';
import { makeSiteData } from '../make-site-data.ts';
import { makeSupportMatrix } from '../make-support-matrix.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { allNights } from '../night/night-store.ts';
import { readCampaigns } from '../read-verdicts.ts';
import type { ResultsFolder } from '../results-folder.ts';
import { siteNights } from '../site-nights.ts';

/** What `report` makes of several campaigns together: a text, or files by their names. */
export const matrixFormats = ['support-matrix', 'markdown-matrix', 'atom', 'badges'] as const;
type TextFormat = 'support-matrix' | 'markdown-matrix' | 'atom';

/** Campaigns of the results folder, all or those that are named, oldest first; what cannot be used is told on stderr. */
export const matrixCampaigns = async (
  results: ResultsFolder,
  names: readonly string[],
): Promise<readonly StoredCampaign[]> => {
  const { campaigns, leftOut } = await readCampaigns(results, names);
  if (leftOut.length > 0) {
    process.stderr.write(
      `peft-matrix: left out, for another version wrote them or they are damaged: ${leftOut.join(', ')}. Run their matrices again (what is in the ledger is not run again).\n`,
    );
  }
  return campaigns.toSorted((left, right) =>
    left.report.campaign.finishedAt < right.report.campaign.finishedAt ? -1 : 1,
  );
};

/** The campaigns in a format that is one text. */
export const renderMatrix = async (
  format: TextFormat,
  campaigns: readonly StoredCampaign[],
  results: ResultsFolder,
): Promise<string> => {
  switch (format) {
    case 'support-matrix':
      return formatSupportMatrix(await matrixOf(campaigns));
    case 'markdown-matrix':
      return renderMatrixMarkdown(await matrixOf(campaigns));
    case 'atom': {
      const { renderFeed } = await import('../../reports/feed/render-feed.ts');
      const nights = await nightsIn(campaigns, results);
      const diffs = nights.flatMap(({ diff }) => diff ?? []);
      return renderFeed(diffs, campaigns.at(-1)?.report.campaign.finishedAt ?? '');
    }
  }
};

/** Badges by the names of their files. */
export const renderBadgeFiles = async (
  campaigns: readonly StoredCampaign[],
): Promise<Readonly<Record<string, string>>> => {
  const { renderBadges } = await import('../../reports/support-matrix/render-badges.ts');
  return renderBadges(await matrixOf(campaigns));
};

/** The site: one HTML file, and the matrix that it shows as data beside it. */
export const renderSiteFiles = async (
  campaigns: readonly StoredCampaign[],
  results: ResultsFolder,
): Promise<Readonly<Record<string, string>>> => {
  const { renderSite } = await import('../../reports/site/render-site.ts');
  const { siteTemplate } = await import('../../reports/site/site-template.ts');
  const catalogue = await loadCatalogue();
  const nights = await nightsIn(campaigns, results);
  const matrix = makeSupportMatrix(campaigns, catalogue);
  const bisects = await new BisectStore(results.path).found();
  const data = makeSiteData({ matrix, campaigns, nights, bisects, catalogue });
  return { 'index.html': renderSite(data, await siteTemplate()), 'matrix.json': formatSupportMatrix(matrix) };
};

const matrixOf = async (campaigns: readonly StoredCampaign[]): Promise<SupportMatrix> =>
  makeSupportMatrix(campaigns, await loadCatalogue());

const nightsIn = async (campaigns: readonly StoredCampaign[], results: ResultsFolder): Promise<readonly SiteNight[]> =>
  siteNights(await allNights(results.path), campaigns);
