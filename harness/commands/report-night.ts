import { renderNightMarkdown } from '../../reports/markdown/render-night.ts';
import { formatNight, type Night } from '../../reports/night/night-model.ts';
import type { ResultsFolder } from '../results-folder.ts';
import { renderCampaign } from './report-campaign.ts';
import { matrixCampaigns, renderBadgeFiles, renderMatrix, renderSiteFiles } from './report-matrix.ts';

/** Everything that is published of a night, by the names of the files. Of a suspect night its record and summary alone. */
export const renderNightFiles = async (
  night: Night,
  results: ResultsFolder,
): Promise<Readonly<Record<string, string>>> => {
  const record = { 'night.json': formatNight(night), 'summary.md': renderNightMarkdown(night) };
  const [main] = night.campaigns;
  if (night.suspect !== undefined || main === undefined) return record;
  const campaigns = await matrixCampaigns(results, []);
  const badges = await renderBadgeFiles(campaigns);
  return {
    ...record,
    ...(await renderSiteFiles(campaigns, results)),
    'matrix.md': await renderMatrix('markdown-matrix', campaigns, results),
    'feed.atom': await renderMatrix('atom', campaigns, results),
    'junit.xml': (await renderCampaign('junit', results, main)).text,
    ...Object.fromEntries(Object.entries(badges).map(([name, text]) => [`badges/${name}`, text])),
  };
};
