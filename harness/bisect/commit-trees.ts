import { relative } from 'node:path';
import { archiveHistory } from '../../containers/git/archive-history.ts';
import { exportTree } from '../../containers/git/export-tree.ts';
import { contentId } from '../../containers/git/history.ts';
import { repositoryOf } from '../../containers/git/known-repositories.ts';
import { resolveCommit } from '../../containers/git/release-commit.ts';
import { openRepository, type Repository } from '../../containers/git/repository.ts';
import { findPurePackage } from '../../containers/local/overlay-tree.ts';
import type { Telling } from '../../containers/telling.ts';
import { InfrastructureError, PeftMatrixError } from '../../matrices/errors.ts';
import type { Device, Lock, SourceTree } from '../../matrices/pin.ts';
import type { Answer } from './answer.ts';
import { askPin, type AskOptions, type Question } from './ask-pin.ts';
import type { AskCommit, Find } from './commit-asker.ts';
import { bisectCommits, type CommitEvent, type CommitFinding } from './commits.ts';

/** The commits of which package to ask, and where they are run. */
export interface PackageCommits {
  readonly question: Question;
  /** All other packages are held to it. */
  readonly lock: Lock;
  readonly device: Device;
  /** Normalised name, e.g. `peft`. */
  readonly package: string;
  /** A release, tag, branch or commit that does not show the failure. */
  readonly good: string;
  /** One that shows it. */
  readonly bad: string;
  /** @defaultValue 'break' */
  readonly find?: Find;
  /** URL or path of its repository, or {@link sdists}. @defaultValue the one that is known for the package */
  readonly repository?: string;
  /** All releases from one end to the other, oldest first, for a history made from them. */
  readonly releases: readonly string[];
  readonly workers: number;
}

export interface PackageCommitsOptions extends AskOptions {
  readonly telling: Telling;
  readonly onCommit: (event: CommitEvent) => void;
  readonly signal: AbortSignal;
}

/** What a bisect over the commits of a package found, and in which history. */
export interface PackageFinding extends CommitFinding {
  /** For people: a URL, a path, or what it was made from. */
  readonly history: string;
}

/**
 * Bisects over the commits of one package: each as a source tree over the environment of the lock.
 *
 * @throws InputError when an end is not what it is said to be, or is not in the history; InfrastructureError when there
 *   is no history to be had.
 */
export const bisectPackageCommits = async (
  request: PackageCommits,
  options: PackageCommitsOptions,
): Promise<PackageFinding> => {
  const { telling, onCommit, signal } = options;
  const { find = 'break', workers } = request;
  const repository = await openHistory(request, telling, signal);
  const resolve = (name: string): Promise<string> => resolveCommit(repository, request.package, name, telling, signal);
  const finding = await bisectCommits({
    repository,
    good: await resolve(request.good),
    bad: await resolve(request.bad),
    find,
    ask: askCommitOf(repository, request, options),
    workers,
    onEvent: onCommit,
    signal,
  });
  return { ...finding, history: repository.location };
};

const openHistory = async (
  { package: name, repository, releases }: PackageCommits,
  telling: Telling,
  signal: AbortSignal,
): Promise<Repository> => {
  const location = repository ?? repositoryOf(name);
  return location === sdists
    ? archiveHistory(name, releases, telling, signal)
    : openRepository(location, telling, signal).catch((error: unknown) => {
        if (!(error instanceof InfrastructureError)) throw error;
        throw new InfrastructureError(`${error.message} What was released can be asked without it: --git ${sdists}`, {
          cause: error,
        });
      });
};

/** In place of a repository: a history made of the source archives that the package index has, one commit a release. */
export const sdists = 'sdists';

/**
 * Commits that have the same package are asked once, where it is not built: many change nothing but documentation and tests.
 */
const askCommitOf = (
  repository: Repository,
  { question, lock, device, package: name }: PackageCommits,
  options: PackageCommitsOptions,
): AskCommit => {
  const answers = new Map<string, Promise<Answer>>();
  return async (commit, signal) => {
    const path = await exportTree(repository, commit, signal);
    const source = { kind: 'tree', lock, package: name, path, commit } as const;
    const content = await contentOf(repository, source, signal);
    const answer =
      answers.get(content) ?? askPin(question, { id: `${name}-${commit.slice(0, 12)}`, device, source }, options);
    answers.set(content, answer);
    return answer;
  };
};

/** What decides how a commit behaves: its package; where that is built, or there is none, all of it. */
const contentOf = async (
  repository: Repository,
  tree: SourceTree & { readonly commit: string },
  signal: AbortSignal,
): Promise<string> => {
  const folder = await findPurePackage(tree).catch(() => undefined);
  const content = folder && (await contentId(repository, tree.commit, relative(tree.path, folder), signal));
  return content ?? tree.commit;
};

/** A folder with the sources of a package, which may change from one call to the next. */
export interface WorkedTree {
  readonly lock: Lock;
  readonly device: Device;
  readonly package: string;
  /** Absolute path of the root of the tree. */
  readonly path: string;
}

/** Asks a source tree as it is now. */
export const askTree = (question: Question, { device, ...tree }: WorkedTree, options: AskOptions): Promise<Answer> =>
  askPin(question, { id: `${tree.package}-tree`, device, source: { kind: 'tree', ...tree } }, options);

/** What the body of `git bisect run` has to say. */
export interface TreeVerdict {
  /**
   * 0: before the change that is looked for; 1: after it; 125: to be skipped. 128 ends the bisect: git takes every other
   * code that a program ends with for 1, and a misspelt flag is no bad commit.
   */
  readonly exitCode: 0 | 1 | 125 | 128;
  /** For people. */
  readonly words: string;
}

/** Says in the words of `git bisect run` what asking a tree came to. Rethrows what is not ours, such as an interruption. */
export const judgeTree = async (ask: () => Promise<Answer>, find: Find = 'break'): Promise<TreeVerdict> => {
  try {
    return verdictOf(await ask(), find);
  } catch (error) {
    if (error instanceof PeftMatrixError) return { exitCode: 128, words: error.message };
    throw error;
  }
};

const verdictOf = (answer: Answer, find: Find): TreeVerdict => {
  switch (answer.kind) {
    case 'good':
      return {
        exitCode: find === 'break' ? 0 : 1,
        words: `good${answer.detail === undefined ? '' : `: ${answer.detail}`}`,
      };
    case 'bad':
      return { exitCode: find === 'break' ? 1 : 0, words: `bad: ${answer.detail}` };
    case 'skip':
      return { exitCode: 125, words: `skip, ${answer.cause}: ${answer.reason}` };
  }
};
