import { Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { renderMarkdown } from '../../reports/markdown/render-markdown.ts';
import { outcomeOf } from '../../reports/outcome.ts';
import { formatReportJson } from '../../reports/report-json.ts';
import type { Report } from '../../reports/report-model.ts';
import { renderTerminal } from '../../reports/terminal/render-terminal.ts';
import { readReport } from '../read-report.ts';
import { ResultsFolder } from '../results-folder.ts';
import { namingResults } from '../results-words.ts';
import { print, resultsOption, terminalWidth, useColour, type Finish } from './command.ts';

/** `peft-matrix report`: a campaign that has been run, shown again in one format or another. */
export const reportCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('report')
    .description('show a campaign again, on the terminal, as Markdown or as JSON; ends with its exit code')
    .argument('[campaign]', 'id of the campaign (default: the latest)')
    .addOption(new Option('--format <format>').choices(['terminal', 'markdown', 'json']).default('terminal' as const))
    .option(...resultsOption)
    .action(async (campaign, { format, results }) => {
      const report = await readReport(new ResultsFolder(results), campaign);
      print(format === 'json' ? formatReportJson(report) : renderers[format](namingResults(report, results)));
      finish(outcomeOf(report).exitCode);
    });

const renderers: Readonly<Record<'terminal' | 'markdown', (report: Report) => string>> = {
  terminal: (report) => renderTerminal(report, { colour: useColour(process.stdout), width: terminalWidth() }),
  markdown: renderMarkdown,
};
