import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../matrices/errors.ts';
import { renderFailure } from '../../reports/terminal/render-failure.ts';
import { renderTerminal } from '../../reports/terminal/render-terminal.ts';
import { readReport } from '../read-report.ts';
import { ResultsFolder } from '../results-folder.ts';
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
      const report = await readReport(results, isCampaign ? id : undefined);
      if (isCampaign) {
        print(renderTerminal(report, options));
        return;
      }
      const failures = report.failures.filter((failure) => id !== '' && failure.id.startsWith(id));
      if (failures.length === 0) {
        const known = report.failures.map((failure) => failure.id).join(', ') || 'none';
        const campaigns = (await results.campaigns()).join(', ');
        throw new InputError(
          `There is no campaign and no failure "${id}". Campaigns: ${campaigns}. Failures of ${report.campaign.id}: ${known}`,
        );
      }
      print(failures.map((failure) => renderFailure(failure, options)).join('\n'));
    });
