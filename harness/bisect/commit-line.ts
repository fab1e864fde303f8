import { firstParents, rankFirstParents } from '../../containers/git/history.ts';
import type { Repository } from '../../containers/git/repository.ts';
import type { CommitAsker } from './commit-asker.ts';
import { chooseCommits } from './commit-choice.ts';

/** What a search needs. */
export interface Search {
  readonly repository: Repository;
  readonly asker: CommitAsker;
  /** How many commits are asked at once. */
  readonly workers: number;
  /** So many commits are left of a line. */
  readonly onLeft: (left: number) => void;
  readonly signal: AbortSignal;
}

/** Where the change is on a line of first parents. */
export interface LineResult {
  /** The whole line, oldest first. */
  readonly line: readonly string[];
  /** One of these, oldest first: the last is after the change, those before it could not be asked. */
  readonly candidates: readonly string[];
  /** What is below the first candidate on the line, and is before the change; undefined at the line's own beginning. */
  readonly below: string | undefined;
}

/**
 * Searches the first parents of `to` that cannot be reached from `from`, in rounds of as many commits as there are workers.
 * `to` is after the change; whatever the line begins on is taken to be before it, and for the caller to prove.
 */
export const searchLine = async (search: Search, from: string, to: string): Promise<LineResult> => {
  const { repository, asker, workers, onLeft, signal } = search;
  const line = await firstParents(repository, from, to, signal);
  for (;;) {
    const { low, high } = narrow(line, asker);
    const commits = line.slice(low + 1, high + 1);
    const skipped = new Set(commits.filter((hash) => asker.known(hash) === 'unknown'));
    onLeft(commits.length);
    if (commits.length <= skipped.size + 1) return { line, candidates: commits, below: line[low] };
    const ranked = await rankFirstParents(repository, line[low] ?? from, commits.at(-1) ?? to, signal);
    await Promise.all(chooseCommits({ commits, ranked, skipped }, workers).map((hash) => asker.side(hash)));
  }
};

/** The last pair of commits of which the lower is before the change, the upper after it, and none in between is known. */
const narrow = (line: readonly string[], asker: CommitAsker): { readonly low: number; readonly high: number } => {
  const low = line.findLastIndex((hash) => asker.known(hash) === 'before');
  const high = line.findIndex((hash, position) => position > low && asker.known(hash) === 'after');
  return { low, high: high === -1 ? line.length - 1 : high };
};
