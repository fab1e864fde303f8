import { Argument, Command, InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import type { OnEvent } from '../../reports/events.ts';
import { countOf } from '../../reports/text/count.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import { withPlannedCampaign } from '../planned-campaign.ts';
import { ResultsFolder } from '../results-folder.ts';
import { dividePlan } from '../shard/divide-plan.ts';
import { mostShards } from '../shard/shard.ts';
import { startReporter } from '../start-reporter.ts';
import { defaultMatrix, integerOption, print, resultsOption, type Finish } from './command.ts';
import { executorOf, withExecutorOptions, type ExecutorFlags } from './executor-options.ts';
import { matrixWith, withMatrixOptions, type MatrixFlags } from './matrix-options.ts';

interface PlanFlags extends ExecutorFlags, MatrixFlags {
  readonly shards: number;
  readonly json?: true;
  readonly results: string;
}

/** What a campaign is to run, and how that is divided. */
interface PlanSummary {
  readonly campaign: string;
  readonly runs: number;
  readonly cells: number;
  readonly brokenPins: number;
  readonly shards: readonly { readonly shard: string; readonly runs: number; readonly pins: readonly string[] }[];
}

/**
 * `peft-matrix plan [MATRIX]`: resolves and asks the pins and runs nothing. Locks and what the pins said are in the results
 * folder afterwards: whoever gets it plans the same.
 */
export const planCommand = (finish: Finish): CommandUnknownOpts =>
  withExecutorOptions(withMatrixOptions(new Command('plan')))
    .description('resolve the pins of a matrix, ask them what they offer, and plan; runs no cell')
    .addArgument(new Argument('[matrix]', 'matrix file').default(...defaultMatrix))
    .option('--shards <n>', 'into how many parts it is to be divided (see `run --shard`)', shardsOption, 1)
    .option('--json', 'as JSON')
    .option(...resultsOption)
    .action(async (path, flags: PlanFlags) => {
      const summary = await plan(path, flags);
      print(flags.json === true ? JSON.stringify(summary, null, 2) : describe(summary));
      if (summary.brokenPins > 0) finish(3);
    });

const shardsOption = (text: string): number => {
  const shards = integerOption(text);
  if (shards < 1 || shards > mostShards) throw new InvalidArgumentError(`expected a number from 1 to ${mostShards}`);
  return shards;
};

const plan = async (path: string, flags: PlanFlags): Promise<PlanSummary> => {
  const catalogue = await loadCatalogue();
  const matrix = await matrixWith(flags, path, catalogue);
  const executor = await executorOf(flags);
  const results = new ResultsFolder(flags.results);
  await results.create();
  using ledger = new Ledger(results.ledger);
  // Progress goes to stderr in any case: the plan is what stdout is for.
  const reporter = startReporter({});
  const onEvent: OnEvent = (event) => reporter.on(event);
  try {
    using interruption = interruptible(() => onEvent({ kind: 'interrupted', unplanned: true }));
    const options = { matrix, matrixPath: path, catalogue, executor, ledger, resultsPath: results.path };
    return await withPlannedCampaign({ ...options, interruption, onEvent }, ({ id, plan: planned, pins, prepared }) =>
      Promise.resolve({
        campaign: id,
        runs: planned.runs.length,
        cells: planned.runs.filter(({ attempt, reads }) => attempt === 0 && reads === undefined).length,
        brokenPins: prepared.length - pins.length,
        shards: dividePlan(planned, catalogue, pins, flags.shards).map((runs, index) => ({
          shard: `${index + 1}/${flags.shards}`,
          runs: runs.length,
          pins: [...new Set(runs.map(({ ready }) => ready.pin.id))],
        })),
      }),
    );
  } finally {
    reporter.close();
  }
};

const describe = ({ campaign, runs, cells, shards, brokenPins }: PlanSummary): string =>
  [
    `${campaign}: ${countOf(runs, 'run')} of ${countOf(cells, 'cell')}`,
    ...shards.map((one) => `shard ${one.shard}: ${countOf(one.runs, 'run')} on ${one.pins.join(', ') || 'no pin'}`),
    ...(brokenPins > 0 ? [`${countOf(brokenPins, 'pin')} could not be asked`] : []),
  ].join('\n');
