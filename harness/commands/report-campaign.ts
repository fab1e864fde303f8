import { renderAnnotations } from '../../reports/github/annotations.ts';
import { renderStepSummary } from '../../reports/github/step-summary.ts';
import { renderMarkdown } from '../../reports/markdown/render-markdown.ts';
import { formatReportJson } from '../../reports/report-json.ts';
import type { Report } from '../../reports/report-model.ts';
import { renderTerminal } from '../../reports/terminal/render-terminal.ts';
import { readReport } from '../read-report.ts';
import { readCampaign } from '../read-verdicts.ts';
import type { ResultsFolder } from '../results-folder.ts';
import { namingResults } from '../results-words.ts';
import { terminalWidth, useColour } from './command.ts';

/** What `report` makes of one campaign. */
export const campaignFormats = [
  'terminal',
  'markdown',
  'json',
  'junit',
  'github-summary',
  'github-annotations',
] as const;
type CampaignFormat = (typeof campaignFormats)[number];

export const isCampaignFormat = (format: string): format is CampaignFormat =>
  campaignFormats.some((one) => one === format);

/** A campaign, or the latest, in a format. Throws `InputError` when there is none or it cannot be read. */
export const renderCampaign = async (
  format: CampaignFormat,
  results: ResultsFolder,
  campaign: string | undefined,
): Promise<{ readonly report: Report; readonly text: string }> => {
  if (format === 'junit') {
    const { report, verdicts } = await readCampaign(results, campaign);
    // What writes XML takes a while to load, and nothing else needs it.
    const { renderJunit } = await import('../../reports/junit/render-junit.ts');
    return { report, text: renderJunit(namingResults(report, results.path), verdicts) };
  }
  const report = await readReport(results, campaign);
  if (format === 'json') return { report, text: formatReportJson(report) };
  return { report, text: renderers[format](namingResults(report, results.path)) };
};

const renderers: Readonly<Record<Exclude<CampaignFormat, 'json' | 'junit'>, (report: Report) => string>> = {
  terminal: (report) => renderTerminal(report, { colour: useColour(process.stdout), width: terminalWidth() }),
  markdown: renderMarkdown,
  'github-summary': (report) => renderStepSummary(report),
  'github-annotations': renderAnnotations,
};
