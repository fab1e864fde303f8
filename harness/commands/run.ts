import { Argument, Command, InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { join } from 'node:path';
import { loadCatalogue, loadKnownIssues, type Catalogue } from '../../matrices/catalogue.ts';
import { allProperties } from '../../properties/all.ts';
import { outcomeOf } from '../../reports/outcome.ts';
import type { Reporter } from '../../reports/progress/reporter.ts';
import { shardOutcome, type ShardResult } from '../../reports/shard-result.ts';
import type { Report } from '../../reports/report-model.ts';
import { renderShard } from '../../reports/terminal/render-shard.ts';
import { renderTerminal } from '../../reports/terminal/render-terminal.ts';
import { withRanges } from '../bisect/failure-ranges.ts';
import { runCampaign, type CampaignResult } from '../campaign.ts';
import { placeOf, recordFailures } from '../failure-record.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import type { CampaignOptions } from '../planned-campaign.ts';
import { ResultsFolder } from '../results-folder.ts';
import { namingResults } from '../results-words.ts';
import { runShard } from '../shard/run-shard.ts';
import { parseShard, type Shard } from '../shard/shard.ts';
import { startReporter } from '../start-reporter.ts';
import { defaultMatrix, print, resultsOption, terminalWidth, useColour, type Finish } from './command.ts';
import { executorOf, withExecutorOptions, type ExecutorFlags } from './executor-options.ts';
import { keepCampaign } from './keep-campaign.ts';
import { matrixWith, withMatrixOptions, type MatrixFlags } from './matrix-options.ts';

interface RunFlags extends ExecutorFlags, MatrixFlags {
  readonly knownIssues?: string;
  readonly shard?: Shard;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly results: string;
}

/** `peft-matrix run [MATRIX]`: plan, run, judge, shrink, confirm, report. */
export const runCommand = (finish: Finish): CommandUnknownOpts =>
  withExecutorOptions(withMatrixOptions(new Command('run')))
    .description('run a matrix: plan, run, judge, shrink, confirm, report; goes on where it stopped')
    .addArgument(new Argument('[matrix]', 'matrix file').default(...defaultMatrix))
    .option('--known-issues <file>', 'failures that you have looked at, beside those that come with peft-matrix')
    .option('--shard <i/n>', 'run part i of n into the ledger and judge nothing: see `ledger merge`', shardOption)
    .option('--json', 'events as JSON lines on stdout')
    .option('-q, --quiet', 'only failures and the summary')
    .option('-v, --verbose', 'a line for every cell')
    .option(...resultsOption)
    .action(async (path, flags: RunFlags) => finish(await run(path, flags)));

const run = async (path: string, flags: RunFlags): Promise<number> => {
  const catalogue = await loadCatalogueFor(flags);
  const matrix = await matrixWith(flags, path, catalogue);
  const executor = await executorOf(flags);
  const results = new ResultsFolder(flags.results);
  await results.create();
  using ledger = new Ledger(results.ledger);
  const reporter = startReporter(flags);
  try {
    let isPlanned = false;
    using interruption = interruptible(() =>
      reporter.on({ kind: 'interrupted', ...(isPlanned ? {} : { unplanned: true }) }),
    );
    const options: CampaignOptions = {
      matrix,
      matrixPath: path,
      catalogue,
      executor,
      ledger,
      resultsPath: results.path,
      interruption,
      onEvent: (event) => {
        isPlanned ||= event.kind === 'planned';
        reporter.on(event);
      },
    };
    if (flags.shard !== undefined) return tellShard(await runShard(options, flags.shard), reporter, flags);
    const result = await runCampaign(options);
    ledger.recordUses(result.report.campaign.id, matrix.name);
    recordFailures(ledger, result, placeOf(flags));
    return await publish(result, results, reporter, flags);
  } finally {
    reporter.close();
  }
};

/** The user's own known issues come first: theirs may be more exact. */
export const loadCatalogueFor = async ({ knownIssues }: Pick<RunFlags, 'knownIssues'>): Promise<Catalogue> => {
  const catalogue = await loadCatalogue();
  if (knownIssues === undefined) return catalogue;
  const properties = allProperties.map(({ id }) => id);
  const theirs = await loadKnownIssues(knownIssues, catalogue, properties);
  return {
    ...catalogue,
    expectations: [...theirs.map((issue) => ({ ...issue, file: knownIssues })), ...catalogue.expectations],
  };
};

const shardOption = (text: string): Shard => {
  const shard = parseShard(text);
  if (shard === undefined) throw new InvalidArgumentError('expected a part and the number of parts, such as 1/3');
  return shard;
};

const tellShard = (result: ShardResult, reporter: Reporter, flags: RunFlags): number => {
  const { campaign, index, of, runs, broken, skipped } = result;
  const { exitCode } = shardOutcome(result);
  const missed = [...Object.values(broken), ...Object.values(skipped)].reduce((sum, count) => sum + count, 0);
  reporter.on({ kind: 'shard-finished', campaign, index, of, runs, missed, exitCode });
  reporter.close();
  if (flags.json !== true) print(renderShard(result));
  return exitCode;
};

const publish = async (
  made: CampaignResult,
  results: ResultsFolder,
  reporter: Reporter,
  flags: RunFlags,
): Promise<number> => {
  const report = await withRanges(made.report, results.path);
  const { id } = report.campaign;
  const { exitCode, reasons } = outcomeOf(report);
  try {
    await keepCampaign(made, results);
    const path = join(results.campaign(id), 'report.json');
    reporter.on({ kind: 'campaign-finished', campaign: id, exitCode, reasons, report: path });
  } finally {
    reporter.close();
    // Also when the disk did not take it: what was found must not be lost.
    if (flags.json !== true) print(renderOnTerminal(namingResults(report, results.path), flags));
  }
  return exitCode;
};

const renderOnTerminal = (report: Report, { quiet }: RunFlags): string =>
  renderTerminal(report, { colour: useColour(process.stdout), width: terminalWidth(), quiet: quiet === true });
