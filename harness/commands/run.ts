import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { join } from 'node:path';
import * as z from 'zod';
import { localExecutor } from '../../containers/local/local-executor.ts';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { InputError } from '../../matrices/errors.ts';
import { loadMatrix, type Matrix } from '../../matrices/matrix.ts';
import { renderMarkdown } from '../../reports/markdown/render-markdown.ts';
import { outcomeOf } from '../../reports/outcome.ts';
import type { Reporter } from '../../reports/progress/reporter.ts';
import { formatReportJson } from '../../reports/report-json.ts';
import { renderTerminal } from '../../reports/terminal/render-terminal.ts';
import { runCampaign, type CampaignResult } from '../campaign.ts';
import { recordFailures } from '../failure-record.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import { ResultsFolder } from '../results-folder.ts';
import { startReporter } from '../start-reporter.ts';
import { integerOption, print, resultsOption, terminalWidth, useColour, type Finish } from './command.ts';

const defaultMatrix = join(import.meta.dirname, '../../matrices/quick.yaml');

interface RunFlags {
  readonly seed?: number;
  readonly strength?: number;
  readonly cells?: number;
  readonly minutes?: number;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly results: string;
}

/** `peft-matrix run [MATRIX]`: plan, run, judge, shrink, confirm, report. */
export const runCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('run')
    .description('run a matrix: plan, run, judge, shrink, confirm, report; goes on where it stopped')
    .argument('[matrix]', 'matrix file', defaultMatrix)
    .option('--seed <number>', 'another seed than the matrix says', integerOption)
    .option('--strength <1|2|3>', 'cover every combination of so many values', integerOption)
    .option('--cells <number>', 'run at most so many cells beyond the covering ones', integerOption)
    .option('--minutes <number>', 'begin no cell after so many minutes', Number)
    .option('--json', 'events as JSON lines on stdout')
    .option('-q, --quiet', 'only failures and the summary')
    .option('-v, --verbose', 'a line for every cell')
    .option(...resultsOption)
    .action(async (path, flags: RunFlags) => finish(await run(path, flags)));

const run = async (path: string, flags: RunFlags): Promise<number> => {
  const catalogue = await loadCatalogue();
  const matrix = withFlags(await loadMatrix(path, catalogue), flags);
  const results = new ResultsFolder(flags.results);
  await results.create();
  using ledger = new Ledger(results.ledger);
  const reporter = startReporter(flags);
  try {
    using interruption = interruptible(() => reporter.on({ kind: 'interrupted' }));
    const result = await runCampaign({
      matrix,
      matrixPath: path,
      catalogue,
      executor: localExecutor(),
      ledger,
      resultsPath: results.path,
      interruption,
      onEvent: (event) => reporter.on(event),
    });
    recordFailures(ledger, result.failures);
    return await publish(result, results, reporter, flags);
  } finally {
    reporter.close();
  }
};

const publish = async (
  { report }: CampaignResult,
  results: ResultsFolder,
  reporter: Reporter,
  flags: RunFlags,
): Promise<number> => {
  const { id } = report.campaign;
  await results.publish(id, { 'report.json': formatReportJson(report), 'report.md': renderMarkdown(report) });
  const { exitCode } = outcomeOf(report);
  const path = join(results.campaign(id), 'report.json');
  reporter.on({ kind: 'campaign-finished', campaign: id, exitCode, report: path });
  reporter.close();
  if (flags.json !== true) {
    print(
      renderTerminal(report, {
        colour: useColour(process.stdout),
        width: terminalWidth(),
        quiet: flags.quiet === true,
      }),
    );
  }
  return exitCode;
};

const flagsSchema = z.object({
  seed: z.int().min(0).max(2_147_483_647),
  strength: z.literal([1, 2, 3]),
  budget: z.object({ cells: z.int().min(1).max(1_000_000), minutes: z.number().positive().max(100_000) }),
});

/** Flags win over the file, and obey the same rules. */
const withFlags = (matrix: Matrix, { seed, strength, cells, minutes }: RunFlags): Matrix => {
  const parsed = flagsSchema.safeParse({
    seed: seed ?? matrix.seed,
    strength: strength ?? matrix.strength,
    budget: { cells: cells ?? matrix.budget.cells, minutes: minutes ?? matrix.budget.minutes },
  });
  if (parsed.success) return { ...matrix, ...parsed.data };
  throw new InputError(
    parsed.error.issues.map(({ path, message }) => `--${String(path.at(-1))}: ${message}`).join('\n'),
  );
};
