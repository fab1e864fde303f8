import { basename, dirname, join } from 'node:path';
import { Argument, Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../matrices/errors.ts';
import { outcomeOf } from '../../reports/outcome.ts';
import { refuseForeignSite } from '../refuse-foreign-site.ts';
import { ResultsFolder } from '../results-folder.ts';
import { writeFiles } from '../write-files.ts';
import { print, refuseFolder, resultsOption, type Finish } from './command.ts';
import { campaignFormats, isCampaignFormat, renderCampaign } from './report-campaign.ts';
import { matrixCampaigns, matrixFormats, renderBadgeFiles, renderMatrix, renderSiteFiles } from './report-matrix.ts';

/** `peft-matrix report`: what has been run, told again in one format or another. */
export const reportCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('report')
    .description('tell again what has been run: one campaign, or the support matrix that several campaigns make')
    .addArgument(new Argument('[campaigns...]', 'ids of campaigns (default: the latest; for the matrix: all)'))
    .addOption(
      new Option('--format <format>', 'what it is to be')
        .choices([...campaignFormats, ...matrixFormats])
        .default('terminal' as const),
    )
    .option('--output <path>', 'write to this file in place of stdout; of badges, the folder that they go to')
    .addOption(
      new Option(
        '--site [folder]',
        'write the site, one HTML file, into a folder (default: `site` in the results)',
      ).conflicts(['format', 'output']),
    )
    .option(...resultsOption)
    .addHelpText('after', formatsHelp)
    .action(async (campaigns, { format, output, results, site }) => {
      const folder = new ResultsFolder(results);
      if (site !== undefined) {
        const target = typeof site === 'string' ? site : join(results, 'site');
        await refuseForeignSite(target, '--site');
        await writeFiles(target, await renderSiteFiles(await matrixCampaigns(folder, campaigns), folder), '--site');
        print(join(target, 'index.html'));
      } else if (isCampaignFormat(format)) {
        const [campaign, ...more] = campaigns;
        if (more.length > 0) {
          throw new InputError(`--format ${format} shows one campaign, and ${campaigns.length} are named`);
        }
        const { report, text } = await renderCampaign(format, folder, campaign);
        await deliver(text, output);
        finish(outcomeOf(report).exitCode);
      } else if (format === 'badges') {
        if (output === undefined) throw new InputError('--format badges makes many files: name a folder with --output');
        await writeFiles(output, await renderBadgeFiles(await matrixCampaigns(folder, campaigns)));
      } else await deliver(await renderMatrix(format, await matrixCampaigns(folder, campaigns), folder), output);
    });

const deliver = async (text: string, output: string | undefined): Promise<void> => {
  if (output === undefined) {
    if (text !== '') print(text);
    return;
  }
  refuseFolder(output, '--output');
  await writeFiles(dirname(output), { [basename(output)]: text });
};

const formatsHelp = `
Of one campaign; ends with its exit code: ${campaignFormats.join(', ')}.
Of all campaigns of the results folder, or of those that are named: ${matrixFormats.join(', ')}.`;
