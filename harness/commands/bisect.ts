import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { valid } from '@renovatebot/pep440';
import { checkLocation } from '../../containers/git/repository.ts';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { InputError } from '../../matrices/errors.ts';
import { readLock } from '../../matrices/lock.ts';
import { normalName } from '../../matrices/expand-pins.ts';
import type { Lock, SourceTree } from '../../matrices/pin.ts';
import { formatBisectJson, type Bisect } from '../../reports/bisect-model.ts';
import { renderBisectMarkdown } from '../../reports/markdown/render-bisect.ts';
import { renderBisect } from '../../reports/terminal/render-bisect.ts';
import { formatKnownIssue } from '../../reports/text/known-issue-entry.ts';
import { oneLine } from '../../reports/text/safe-text.ts';
import { bisectFailure } from '../bisect/bisect-failure.ts';
import { BisectStore } from '../bisect/bisect-store.ts';
import { sdists } from '../bisect/commit-trees.ts';
import type { CommitsPlan } from '../bisect/name-commits.ts';
import { treePlanOf, type BisectPlan } from '../bisect/run-bisect.ts';
import { twoCampaigns } from '../bisect/two-campaigns.ts';
import { placeOf, type FailureRecord } from '../failure-record.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import { ResultsFolder } from '../results-folder.ts';
import { quoted, resultsWords } from '../results-words.ts';
import { startReporter } from '../start-reporter.ts';
import { integerOption, print, resultsOption, terminalWidth, useColour, type Finish } from './command.ts';
import { bisectTree } from './bisect-tree.ts';
import { executorOf, withExecutorOptions, type ExecutorFlags } from './executor-options.ts';
import { packageOf } from './package-of.ts';
import { recordOf } from './replay.ts';

interface BisectFlags extends ExecutorFlags {
  readonly package?: string;
  readonly asOfRelease?: true;
  readonly findFix?: true;
  readonly good?: string;
  readonly bad?: string;
  readonly from?: string;
  readonly to?: string;
  readonly prereleases?: true;
  readonly goodLock?: string;
  readonly badLock?: string;
  readonly commits?: true;
  readonly git?: string;
  readonly tree?: string;
  readonly maskedAsGood?: true;
  readonly workers?: number;
  readonly json?: true;
  readonly markdown?: true;
  readonly knownIssue?: true;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly results: string;
}

/**
 * `peft-matrix bisect ID`: exit code 0 when a change point was found, 1 when there is none; with `--tree`, those that
 * `git bisect run` understands.
 */
export const bisectCommand = (finish: Finish): CommandUnknownOpts =>
  withExecutorOptions(new Command('bisect'))
    .description(
      'find the release, the commit or the package that brought a failure or took it away; goes on where it stopped',
    )
    .argument('<id>', 'id of the failure, or the beginning of it')
    .option(
      '--package <name>',
      'whose releases (default: peft; with no word of releases, the packages that moved between the last two campaigns that differ, if there are such)',
    )
    .option('--as-of-release', 'the other packages as they were when each release came out, in place of held')
    .option('--find-fix', 'look among newer releases for the one that fixed it')
    .option('--good <version>', 'a release that does not show it (default: looked for in growing strides)')
    .option('--bad <version>', 'a release that shows it (default: where it was found)')
    .option('--from <version>', 'look at no older release')
    .option('--to <version>', 'look at no newer release')
    .option('--prereleases', 'look at pre-releases too')
    .option('--good-lock <file>', 'a lock that does not show it, with --bad-lock: which of the packages did it?')
    .option('--bad-lock <file>', 'a lock that shows it')
    .option('--commits', 'then the commits between the two releases, too, as source trees')
    .option(
      '--git <repository>',
      `--commits in the repository at this URL or path (default: the known one of the package); \`${sdists}\`: in what was released`,
    )
    .option(
      '--tree <folder>',
      'say whether this source tree shows it, as the body of `git bisect run`: exit codes 0 good, 1 bad, 125 skip',
    )
    .option(
      '--masked-as-good',
      'count a release in which another failure hides it as one that does not show it: which one changed what fails?',
    )
    .option('--workers <number>', 'how many to ask at once (default: as many cells as run at once)', integerOption)
    .option('--json', 'the answer as JSON')
    .option('--markdown', 'the answer as Markdown, for an issue upstream')
    .option('--known-issue', 'the answer as an entry of known-issues.yaml, with the releases that show it')
    .option('-q, --quiet', 'no progress')
    .option('-v, --verbose', 'a line for every cell')
    .option(...resultsOption)
    .action(async (id, flags: BisectFlags) => {
      refuseContradictions(flags);
      const { tree, git } = flags;
      if (git !== undefined && git !== sdists) checkLocation(git);
      if (tree !== undefined) {
        const { exitCode, words } = await bisectTree(id, { ...flags, tree });
        print(oneLine(words, 2_000));
        finish(exitCode);
        return;
      }
      const bisect = await bisectWithProgress(id, flags);
      print(flags.knownIssue === true ? await knownIssueOf(bisect, flags) : render(bisect, flags));
      finish(bisect.culprits.length > 0 ? 0 : 1);
    });

const bisectWithProgress = async (id: string, flags: BisectFlags): Promise<Bisect> => {
  const results = new ResultsFolder(flags.results);
  const record = await recordOf(id, results);
  const plan = await planOf(record, flags, results);
  const executor = await executorOf({ ...placeOf(record), ...flags });
  const reporter = startReporter({
    ...(flags.quiet === undefined ? {} : { quiet: flags.quiet }),
    ...(flags.verbose === undefined ? {} : { verbose: flags.verbose }),
  });
  using ledger = new Ledger(results.ledger);
  using interruption = interruptible(() =>
    reporter.on({
      kind: 'warning',
      message:
        'interrupted: finishing the running cells (once more to stop at once); the same command goes on from there',
    }),
  );
  try {
    return await bisectFailure(record, plan, {
      catalogue: await loadCatalogue(),
      executor,
      ledger,
      resultsPath: results.path,
      interruption,
      // A candidate that cannot be opened is an answer, and told as one.
      onEvent: (event) => {
        if (event.kind !== 'pin-broken') reporter.on(event);
      },
      replay: wordsOf(record.id, flags),
      ...(flags.commits === undefined && flags.git === undefined ? {} : { commits: commitsPlanOf(flags) }),
      ...(flags.maskedAsGood === undefined ? {} : { maskedAsGood: flags.maskedAsGood }),
      ...(flags.workers === undefined ? {} : { workers: flags.workers }),
    });
  } finally {
    reporter.close();
  }
};

const planOf = async (record: FailureRecord, flags: BisectFlags, results: ResultsFolder): Promise<BisectPlan> => {
  const prereleases = flags.prereleases === true;
  if (flags.goodLock !== undefined && flags.badLock !== undefined) {
    const [good, bad] = [await lockIn('--good-lock', flags.goodLock), await lockIn('--bad-lock', flags.badLock)];
    const origins = { good: '--good-lock', bad: '--bad-lock' };
    return { kind: 'locks', good, bad, origins, prereleases };
  }
  const ofTree = treePlanOf(record.pin);
  if (ofTree !== undefined) {
    refuseReleases(record, ofTree.tree, flags);
    return ofTree;
  }
  if (ofReleases.every((each) => flags[each] === undefined)) {
    const between = await twoCampaigns(record, results);
    if (between !== undefined) return { kind: 'locks', ...between, prereleases };
  }
  const { lock, name, version: found } = packageOf(record, flags.package);
  const given = (['good', 'bad', 'from', 'to'] as const).flatMap((key) => {
    const version = flags[key];
    return version === undefined ? [] : [[key, version] as const];
  });
  const range = { package: name, found, prereleases, findFix: flags.findFix === true, ...Object.fromEntries(given) };
  return { kind: 'releases', base: lock, others: flags.asOfRelease === true ? 'as-of-release' : 'held', range };
};

/** No release is asked with the commit that a failure was found at. */
const refuseReleases = ({ id }: FailureRecord, tree: SourceTree, flags: BisectFlags): void => {
  const { package: name, lock, commit = '' } = tree;
  const isOther = flags.package !== undefined && normalName(flags.package) !== name;
  const words = ofReleases.filter((each) => flags[each] !== undefined && (each !== 'package' || isOther)).map(flagOf);
  if (words.length === 0) return;
  throw new InputError(
    `${id} was found with ${name} as the commit ${commit.slice(0, 10)} has it. What is asked is ${name} ` +
      `${lock.packages[name] ?? ''}, then the commits since: leave out ${words.join(', ')}`,
  );
};

const commitsPlanOf = ({ git: repository }: BisectFlags): CommitsPlan =>
  repository === undefined ? {} : { repository };

const lockIn = async (flag: string, file: string): Promise<Lock> => {
  const lock = await readLock(file);
  if (lock === undefined) throw new InputError(`${flag} ${file}: there is no such file`);
  return lock;
};

const ofReleases = ['package', 'asOfRelease', 'findFix', 'good', 'bad', 'from', 'to'] as const;

const formats = ['json', 'markdown', 'knownIssue'] as const;

const notOfTrees = [
  ...ofReleases.filter((name) => name !== 'package' && name !== 'findFix'),
  ...(['prereleases', 'goodLock', 'badLock', 'maskedAsGood', 'commits', 'git', 'workers', ...formats] as const),
];

const refuseContradictions = (flags: BisectFlags): void => {
  const { goodLock, badLock, tree, workers } = flags;
  const problems: string[] = [];
  if ((goodLock === undefined) !== (badLock === undefined)) problems.push('--good-lock and --bad-lock go together');
  const extra = goodLock === undefined ? [] : ofReleases.filter((name) => flags[name] !== undefined);
  for (const name of extra) problems.push(`${flagOf(name)} is for releases: leave it out with --good-lock`);
  const beside = tree === undefined ? [] : notOfTrees.filter((name) => flags[name] !== undefined);
  for (const name of beside) problems.push(`${flagOf(name)} has no part in the judgement of one tree: leave it out`);
  for (const name of ['good', 'bad', 'from', 'to'] as const) {
    const version = flags[name];
    if (version !== undefined && valid(version) === null) {
      problems.push(`--${name} ${quoted(version)}: not a version. Expected one such as 0.12.0`);
    }
  }
  if (workers !== undefined && (workers < 1 || workers > 64)) {
    problems.push(`--workers ${workers} is not allowed. Allowed: a whole number from 1 to 64`);
  }
  const chosen = formats.filter((name) => flags[name] !== undefined);
  if (chosen.length > 1) problems.push(`${chosen.map(flagOf).join(' and ')}: choose one`);
  if (problems.length > 0) throw new InputError(problems.join('\n'));
};

const flagOf = (name: string): string => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

const besideReleases = ['prereleases', 'goodLock', 'badLock', 'maskedAsGood', 'commits', 'git'] as const;

/** The command that asks the same again. */
const wordsOf = (id: string, flags: BisectFlags): string => {
  const words = [...ofReleases, ...besideReleases].flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [flagOf(name), ...(value === true ? [] : [quoted(value)])];
  });
  return `${['npx peft-matrix bisect', id, ...words].join(' ')}${resultsWords(flags.results)}`;
};

const render = (bisect: Bisect, { json, markdown }: BisectFlags): string => {
  if (json === true) return formatBisectJson(bisect);
  if (markdown === true) return renderBisectMarkdown(bisect);
  return renderBisect(bisect, { colour: useColour(process.stdout), width: terminalWidth() });
};

/** With the range that all bisects of the failure have found. */
const knownIssueOf = async (bisect: Bisect, { results }: BisectFlags): Promise<string> => {
  const found = await new BisectStore(new ResultsFolder(results).path).found();
  return formatKnownIssue(bisect, found.get(bisect.failure.id) ?? bisect);
};
