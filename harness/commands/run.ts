import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { join } from 'node:path';
import * as z from 'zod';
import { loadCatalogue, loadKnownIssues, type Catalogue } from '../../matrices/catalogue.ts';
import { InputError } from '../../matrices/errors.ts';
import { loadMatrix, type Matrix } from '../../matrices/matrix.ts';
import { allProperties } from '../../properties/all.ts';
import { renderMarkdown } from '../../reports/markdown/render-markdown.ts';
import { outcomeOf } from '../../reports/outcome.ts';
import type { Reporter } from '../../reports/progress/reporter.ts';
import { formatReportJson } from '../../reports/report-json.ts';
import type { Report } from '../../reports/report-model.ts';
import { renderTerminal } from '../../reports/terminal/render-terminal.ts';
import { formatVerdicts } from '../../reports/verdicts-model.ts';
import { withRanges } from '../bisect/failure-ranges.ts';
import { runCampaign, type CampaignResult } from '../campaign.ts';
import { placeOf, recordFailures } from '../failure-record.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import { ResultsFolder } from '../results-folder.ts';
import { namingResults } from '../results-words.ts';
import { startReporter } from '../start-reporter.ts';
import {
  defaultMatrix,
  integerOption,
  numberOption,
  print,
  resultsOption,
  terminalWidth,
  useColour,
  type Finish,
} from './command.ts';
import { executorOf, withExecutorOptions, type ExecutorFlags } from './executor-options.ts';

interface RunFlags extends ExecutorFlags {
  readonly seed?: number;
  readonly strength?: number;
  readonly cells?: number;
  readonly minutes?: number;
  readonly knownIssues?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly results: string;
}

/** `peft-matrix run [MATRIX]`: plan, run, judge, shrink, confirm, report. */
export const runCommand = (finish: Finish): CommandUnknownOpts =>
  withExecutorOptions(new Command('run'))
    .description('run a matrix: plan, run, judge, shrink, confirm, report; goes on where it stopped')
    .addArgument(new Argument('[matrix]', 'matrix file').default(...defaultMatrix))
    .option('--seed <number>', 'another seed than the matrix says', integerOption)
    .option('--strength <1|2|3>', 'cover every combination of so many values', integerOption)
    .option('--cells <number>', 'plan at most so many runs: covering ones first, then random ones', integerOption)
    .option('--minutes <number>', 'begin no cell after so many minutes', numberOption)
    .option('--known-issues <file>', 'failures that you have looked at, beside those that come with peft-matrix')
    .option('--json', 'events as JSON lines on stdout')
    .option('-q, --quiet', 'only failures and the summary')
    .option('-v, --verbose', 'a line for every cell')
    .option(...resultsOption)
    .action(async (path, flags: RunFlags) => finish(await run(path, flags)));

const run = async (path: string, flags: RunFlags): Promise<number> => {
  const catalogue = await loadCatalogueFor(flags);
  const matrix = withFlags(await loadMatrix(path, catalogue), flags);
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
    const result = await runCampaign({
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
    });
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

const publish = async (
  { report: made, verdicts }: CampaignResult,
  results: ResultsFolder,
  reporter: Reporter,
  flags: RunFlags,
): Promise<number> => {
  const report = await withRanges(made, results.path);
  const { id } = report.campaign;
  const told = namingResults(report, results.path);
  const { exitCode } = outcomeOf(report);
  try {
    await results.publish(id, {
      'verdicts.json': formatVerdicts(verdicts),
      'report.json': formatReportJson(report),
      'report.md': renderMarkdown(told),
    });
    const path = join(results.campaign(id), 'report.json');
    reporter.on({ kind: 'campaign-finished', campaign: id, exitCode, report: path });
  } finally {
    reporter.close();
    // Also when the disk did not take it: what was found must not be lost.
    if (flags.json !== true) print(renderOnTerminal(told, flags));
  }
  return exitCode;
};

const renderOnTerminal = (report: Report, { quiet }: RunFlags): string =>
  renderTerminal(report, { colour: useColour(process.stdout), width: terminalWidth(), quiet: quiet === true });

const flagsSchema = z.object({
  seed: z.int().min(0).max(2_147_483_647),
  strength: z.literal([1, 2, 3]),
  budget: z.object({ cells: z.int().min(1).max(1_000_000), minutes: z.number().positive().max(100_000) }),
});

const allowed: Readonly<Record<string, string>> = {
  seed: 'a whole number from 0 to 2147483647',
  strength: '1, 2 or 3',
  cells: 'a whole number from 1 to 1000000',
  minutes: 'a number above 0, at most 100000',
};

/** Flags win over the file, and obey the same rules. */
const withFlags = (matrix: Matrix, { seed, strength, cells, minutes }: RunFlags): Matrix => {
  const given: Readonly<Record<string, number | undefined>> = { seed, strength, cells, minutes };
  const parsed = flagsSchema.safeParse({
    seed: seed ?? matrix.seed,
    strength: strength ?? matrix.strength,
    budget: { cells: cells ?? matrix.budget.cells, minutes: minutes ?? matrix.budget.minutes },
  });
  if (parsed.success) return { ...matrix, ...parsed.data, budget: { ...matrix.budget, ...parsed.data.budget } };
  // A number that no integer holds is refused twice.
  const names = new Set(parsed.error.issues.map(({ path }) => String(path.at(-1))));
  throw new InputError(
    [...names].map((name) => `--${name} ${given[name]} is not allowed. Allowed: ${allowed[name]}`).join('\n'),
  );
};
