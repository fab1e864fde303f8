import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../matrices/errors.ts';
import type { Report } from '../../reports/report-model.ts';
import { renderFailure } from '../../reports/terminal/render-failure.ts';
import { renderTerminal } from '../../reports/terminal/render-terminal.ts';
import { readReport } from '../read-report.ts';
import { ResultsFolder } from '../results-folder.ts';
import { namingResults } from '../results-words.ts';
import { print, resultsOption, terminalWidth, useColour } from './command.ts';

/** `peft-matrix show [ID]`: the latest campaign, a campaign, or a failure of the latest one with all that is known. */
export const showCommand = (): CommandUnknownOpts =>
  new Command('show')
    .description('show the latest campaign, another one, or all that is known of a failure')
    .argument('[id]', 'id of a campaign, or of a failure of the latest one')
    .option(...resultsOption)
    .action(async (id, flags) => {
      const results = new ResultsFolder(flags.results);
      const options = { colour: useColour(process.stdout), width: terminalWidth() };
      const isCampaign = id === undefined || (await results.read(id, 'report.json')) !== undefined;
      const report = namingResults(await readReport(results, isCampaign ? id : undefined), results.path);
      if (isCampaign) {
        print(renderTerminal(report, options));
        return;
      }
      const failures = report.failures.filter((failure) => id !== '' && failure.id.startsWith(id));
      if (failures.length === 0) throw new InputError(describeUnknown(id, await results.campaigns(), report));
      print(failures.map((failure) => renderFailure(failure, options)).join('\n'));
    });

const describeUnknown = (id: string, campaigns: readonly string[], { campaign, failures }: Report): string => {
  const listed = campaigns.join(', ');
  if (isMatrix(id, campaigns)) {
    return `show takes the id of a campaign, or of a failure of the latest one; "${id}" is a matrix. Campaigns: ${listed}`;
  }
  const known = failures.map((failure) => failure.id).join(', ') || 'none';
  return `There is no campaign and no failure "${id}". Campaigns: ${listed}. Failures of ${campaign.id}: ${known}`;
};

/** The path of a matrix, or the name of one that has been run: the id of a campaign begins with it. */
const isMatrix = (id: string, campaigns: readonly string[]): boolean =>
  /\.ya?ml$/.test(id) || campaigns.some((campaign) => campaign.replace(/-[0-9a-f]+$/, '') === id);
