import { Argument, Command, Option, type CommandUnknownOpts } from '@commander-js/extra-typings';
import * as z from 'zod';
import { packagesWithRepository, repositoryOf } from '../../containers/git/known-repositories.ts';
import { checkLocation } from '../../containers/git/repository.ts';
import { InputError } from '../../matrices/errors.ts';
import { normalName } from '../../matrices/expand-pins.ts';
import { loadMatrix } from '../../matrices/matrix.ts';
import { dayToCome, today } from '../../matrices/today.ts';
import { formatNight } from '../../reports/night/night-model.ts';
import { nightOutcome } from '../../reports/night/night-outcome.ts';
import { renderNight } from '../../reports/terminal/render-night.ts';
import { placeOf } from '../failure-record.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import type { MainBranch } from '../night/night-matrix.ts';
import { runNight } from '../night/run-night.ts';
import { refuseDaysToCome } from '../prepare-pins.ts';
import { refuseForeignSite } from '../refuse-foreign-site.ts';
import { ResultsFolder } from '../results-folder.ts';
import { startReporter } from '../start-reporter.ts';
import { writeFiles } from '../write-files.ts';
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
import { finishedCampaign, keepCampaign } from './keep-campaign.ts';
import { renderNightFiles } from './report-night.ts';
import { loadCatalogueFor } from './run.ts';

interface NightlyFlags extends ExecutorFlags {
  readonly asOf?: string;
  readonly prereleases?: true;
  readonly main?: readonly MainBranch[];
  readonly minutes?: number;
  readonly rounds?: number;
  readonly publish?: string;
  readonly knownIssues?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly results: string;
}

/** `peft-matrix nightly [MATRIX]`: what broke, what was mended, since the last good night. */
export const nightlyCommand = (finish: Finish): CommandUnknownOpts =>
  withExecutorOptions(new Command('nightly'))
    .description('look what is out, run what is new first, tell what broke since the last good night, and bisect it')
    .addArgument(new Argument('[matrix]', 'matrix file').default(...defaultMatrix))
    .option('--as-of <day>', 'the day that it is: nothing younger is looked at (default: today, in UTC)')
    .option(
      '--prereleases',
      'look at pre-releases of PEFT too, and beside the newest PEFT at those of torch, transformers and accelerate',
    )
    .option(
      '--main <packages>',
      `try the main branch of these too, with the newest PEFT: a list of ${packagesWithRepository.join(', ')}, or NAME=REPOSITORY`,
      (text: string): readonly MainBranch[] => text.split(',').map(mainBranch),
    )
    .option('--minutes <number>', 'begin nothing after so many minutes (default: those of the matrix)', numberOption)
    .option('--rounds <number>', 'campaigns at most; those after the first widen the coverage', integerOption)
    .addOption(new Option('--publish <folder>', 'write site, matrix, badges, feed, JUnit and summaries into a folder'))
    .option('--known-issues <file>', 'failures that you have looked at, beside those that come with peft-matrix')
    .option('--json', 'the record of the night as JSON')
    .option('-q, --quiet', 'no progress')
    .option('-v, --verbose', 'a line for every cell')
    .option(...resultsOption)
    .action(async (path, flags: NightlyFlags) => finish(await nightly(path, flags)));

const nightly = async (path: string, flags: NightlyFlags): Promise<number> => {
  const { day, minutes, rounds } = checked(flags);
  const catalogue = await loadCatalogueFor(flags);
  const matrix = await loadMatrix(path, catalogue);
  refuseDaysToCome(matrix);
  const executor = await executorOf(flags);
  const results = new ResultsFolder(flags.results);
  await results.create();
  // Before the night, not after it.
  if (flags.publish !== undefined) {
    await refuseForeignSite(flags.publish, '--publish');
    await writeFiles(flags.publish, {}, '--publish');
  }
  using ledger = new Ledger(results.ledger);
  // The record is what goes to stdout, not the events.
  const reporter = startReporter({
    ...(flags.quiet === undefined ? {} : { quiet: flags.quiet }),
    ...(flags.verbose === undefined ? {} : { verbose: flags.verbose }),
  });
  try {
    using interruption = interruptible(() => reporter.on({ kind: 'interrupted' }));
    const night = await runNight({
      matrix,
      matrixPath: path,
      catalogue,
      executor,
      place: placeOf(flags),
      ledger,
      resultsPath: results.path,
      interruption,
      onEvent: (event) => reporter.on(event),
      day,
      ahead: { prereleases: flags.prereleases === true, main: flags.main ?? [] },
      minutes: minutes ?? matrix.budget.minutes,
      rounds: rounds ?? Infinity,
      onCampaign: (campaign) => keepCampaign(campaign, results),
      finished: (campaign) => finishedCampaign(campaign, results),
    });
    reporter.close();
    print(
      flags.json === true
        ? formatNight(night)
        : renderNight(night, { colour: useColour(process.stdout), width: terminalWidth() }),
    );
    // What was published stays until a night has come to its end.
    if (flags.publish !== undefined && night.interrupted !== true) {
      await writeFiles(flags.publish, await renderNightFiles(night, results), '--publish');
    }
    return nightOutcome(night).exitCode;
  } finally {
    reporter.close();
  }
};

/** `peft`, or `peft=../peft`. Throws `InputError` for a package or repository that is not known. */
const mainBranch = (text: string): MainBranch => {
  const [, name, git] = /^(?<name>[^=]+)(?:=(?<git>.+))?$/.exec(text) ?? [];
  if (name === undefined) throw new InputError(`--main ${text}: expected a package, or NAME=REPOSITORY`);
  try {
    checkLocation(git ?? repositoryOf(normalName(name)));
  } catch (error) {
    throw error instanceof InputError ? new InputError(`--main ${text}: ${error.message}`) : error;
  }
  return { package: normalName(name), ...(git === undefined ? {} : { git }) };
};

const flagsSchema = z.object({
  asOf: z.iso.date().optional(),
  minutes: z.number().positive().max(100_000).optional(),
  rounds: z.int().min(1).max(10_000).optional(),
});

const allowed: Readonly<Record<string, string>> = {
  asOf: '--as-of: expected a day such as 2026-11-20',
  minutes: '--minutes: expected a number above 0, at most 100000',
  rounds: '--rounds: expected a whole number from 1 to 10000',
};

const checked = (
  flags: NightlyFlags,
): { readonly day: string; readonly minutes: number | undefined; readonly rounds: number | undefined } => {
  const parsed = flagsSchema.safeParse(flags);
  if (!parsed.success) {
    throw new InputError([...new Set(parsed.error.issues.map(({ path }) => allowed[String(path[0])]))].join('\n'));
  }
  const { asOf, minutes, rounds } = parsed.data;
  const day = asOf ?? today();
  const problem = dayToCome(day);
  if (problem !== undefined) throw new InputError(`--as-of: ${problem}`);
  return { day, minutes, rounds };
};
