import { Command, InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../matrices/errors.ts';
import { compareCampaigns } from '../../reports/diff/compare-campaigns.ts';
import { formatDiffJson } from '../../reports/diff/diff-model.ts';
import { diffOutcome } from '../../reports/diff/diff-outcome.ts';
import type { PinPair } from '../../reports/diff/pair-pins.ts';
import type { Report } from '../../reports/report-model.ts';
import { renderDiff } from '../../reports/terminal/render-diff.ts';
import { comparedCampaign } from '../compared-campaign.ts';
import { ResultsFolder } from '../results-folder.ts';
import { print, resultsOption, terminalWidth, useColour, type Finish } from './command.ts';

/** `peft-matrix diff A B`: what changed from one campaign to another; exit code 1 when something regressed, 4 when nothing was compared. */
export const diffCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('diff')
    .description('what changed from campaign A to campaign B, failure by failure; exit code 1: something regressed')
    .argument('<a>', 'id of a campaign, `latest`, or the path of a report.json or of the folder that it is in')
    .argument('<b>', 'the same, of the newer one')
    .option('--pins <a=b>', 'compare pin a of A with pin b of B, beside those of the same id; may be repeated', pinPair)
    .option('--json', 'as JSON, see `schema diff`')
    .option(...resultsOption)
    .action(async (a, b, flags) => {
      const results = new ResultsFolder(flags.results);
      const [before, after] = [await comparedCampaign(a, results), await comparedCampaign(b, results)];
      const pairs = flags.pins ?? [];
      for (const pair of pairs) {
        refuseUnknown('A', pair.a, before.report);
        refuseUnknown('B', pair.b, after.report);
      }
      const diff = compareCampaigns(before, after, pairs);
      const options = { colour: useColour(process.stdout), width: terminalWidth() };
      print(flags.json === true ? formatDiffJson(diff) : renderDiff(diff, options));
      finish(diffOutcome(diff).exitCode);
    });

const pinPair = (text: string, earlier: readonly PinPair[] = []): readonly PinPair[] => {
  const [a, b, ...more] = text.split('=');
  if (a === undefined || b === undefined || a === '' || b === '' || more.length > 0) {
    throw new InvalidArgumentError('expected the ids of two pins, such as peft-0.20.0=peft-0.21.2');
  }
  if (earlier.some((pair) => pair.a === a || pair.b === b)) {
    throw new InvalidArgumentError('a pin is compared with one other pin');
  }
  return [...earlier, { a, b }];
};

const refuseUnknown = (side: string, pin: string, { pins, campaign }: Report): void => {
  if (pins.some(({ id }) => id === pin)) return;
  const known = pins.map(({ id }) => id).join(', ') || 'none';
  throw new InputError(`--pins: ${side} (${campaign.id}) has no pin ${pin}. Its pins: ${known}`);
};
