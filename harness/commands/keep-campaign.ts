import { renderMarkdown } from '../../reports/markdown/render-markdown.ts';
import { formatReportJson } from '../../reports/report-json.ts';
import { formatVerdicts } from '../../reports/verdicts-model.ts';
import { withRanges } from '../bisect/failure-ranges.ts';
import type { CampaignResult } from '../campaign.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { formatLocks, locksFile } from '../pin-locks.ts';
import { readCampaign } from '../read-verdicts.ts';
import type { ResultsFolder } from '../results-folder.ts';
import { namingResults } from '../results-words.ts';

/** Writes a campaign into the results, and gives back what was written. */
export const keepCampaign = async (
  made: Pick<CampaignResult, 'report' | 'verdicts' | 'locks'>,
  results: ResultsFolder,
): Promise<StoredCampaign> => {
  const report = await withRanges(made.report, results.path);
  await results.publish(report.campaign.id, {
    'verdicts.json': formatVerdicts(made.verdicts),
    [locksFile]: formatLocks(made.locks),
    'report.json': formatReportJson(report),
    'report.md': renderMarkdown(namingResults(report, results.path)),
  });
  return { report, verdicts: made.verdicts };
};

/** A campaign that was run to its end, and in which nothing was broken; undefined where there is none. */
export const finishedCampaign = async (id: string, results: ResultsFolder): Promise<StoredCampaign | undefined> => {
  if ((await results.read(id, 'verdicts.json')) === undefined) return undefined;
  const campaign = await readCampaign(results, id);
  const { complete, interrupted } = campaign.report.campaign;
  const isWhole = complete && interrupted !== true && campaign.report.pins.every(({ broken }) => broken === undefined);
  return isWhole && campaign.report.counts.broken === 0 ? campaign : undefined;
};
