import { describeCommits, mergeBases, parentsOf, type CommitDescription } from '../../containers/git/history.ts';
import type { Repository } from '../../containers/git/repository.ts';
import { InputError } from '../../matrices/errors.ts';
import type { Answer } from './answer.ts';
import { CommitAsker, type AskCommit, type Asked, type Find, type Side } from './commit-asker.ts';
import { searchCommits, type Found } from './commit-search.ts';

/** A commit that was asked. */
interface AskedCommit {
  readonly commit: CommitDescription;
  readonly answer: Answer;
}

/** How a search goes on. */
export type CommitEvent =
  | ({ readonly kind: 'commit-asked' } & Asked)
  /** So many commits of the line that is searched can still be it. */
  | { readonly kind: 'commits-left'; readonly left: number };

export interface CommitBisect {
  readonly repository: Repository;
  /** Full hash of a commit that does not show the failure; where a repair is looked for, the later end. */
  readonly good: string;
  /** Full hash of one that shows it. */
  readonly bad: string;
  /** @defaultValue 'break' */
  readonly find?: Find;
  readonly ask: AskCommit;
  /** How many commits are asked at once. */
  readonly workers: number;
  readonly onEvent: (event: CommitEvent) => void;
  readonly signal: AbortSignal;
}

/** What a search among commits came to. */
export interface CommitFinding {
  readonly find: Find;
  /** One: it is this one. Several, oldest first: one of these, for those before the last could not be asked. */
  readonly candidates: readonly CommitDescription[];
  /** The merges that it came in with, outermost first. */
  readonly merges: readonly CommitDescription[];
  /** A parent of the one commit: it was asked, too, and is on the other side of the change. */
  readonly parent?: CommitDescription;
  /** All that were asked, in the order of their answers. */
  readonly asked: readonly AskedCommit[];
}

/**
 * Finds the commit that brought a failure, or repaired it: first along first parents, then inside the merge that it came
 * with. The ends are proved first.
 *
 * @throws InputError when an end is not what it is said to be, or the ends are in the wrong order.
 */
export const bisectCommits = async (bisect: CommitBisect): Promise<CommitFinding> => {
  const { repository, good, bad, find = 'break', ask, workers, onEvent, signal } = bisect;
  const asker = new CommitAsker(find, ask, (asked) => onEvent({ kind: 'commit-asked', ...asked }), signal);
  const [from, to] = find === 'break' ? [good, bad] : [bad, good];
  const search = {
    repository,
    asker,
    workers,
    signal,
    onLeft: (left: number) => onEvent({ kind: 'commits-left', left }),
  };
  const begin = await findBeginning(search, from, to);
  return describeFinding(search, await searchCommits(search, begin, to));
};

type Proving = Pick<Parameters<typeof searchCommits>[0], 'repository' | 'asker' | 'workers' | 'signal'>;

/** Proves the ends. The beginning is the earlier one, or, where that is on a branch of its own, what both came from. */
const findBeginning = async (proving: Proving, from: string, to: string): Promise<string> => {
  const { repository, asker, workers, signal } = proving;
  const bases = await mergeBases(repository, from, to, signal);
  const [base] = bases;
  if (base === undefined) throw new InputError(`${short(from)} and ${short(to)} have no history in common.`);
  if (from === to) {
    throw new InputError(
      `Both ends are the commit ${short(to)}: the ${said(asker.find, 'before')} one, and the other.`,
    );
  }
  if (base === to) {
    throw new InputError(
      `The ${said(asker.find, 'after')} commit ${short(to)} comes before the ${said(asker.find, 'before')} one, ${short(from)}: ${otherWay(asker.find)}`,
    );
  }
  if (workers > 1) await Promise.all([asker.side(from), asker.side(to)]);
  await prove(asker, from, 'before');
  await prove(asker, to, 'after');
  return base === from ? from : proveBase(proving, base);
};

const prove = async (asker: CommitAsker, hash: string, expected: Side): Promise<void> => {
  const answer = await asker.answer(hash);
  if ((await asker.side(hash)) === expected) return;
  throw new InputError(`${short(hash)} is not ${said(asker.find, expected)}: ${describeAnswer(answer)}`);
};

/** A release is often on a branch of its own. What it was made from may be one that cannot be asked; then an earlier one. */
const proveBase = async ({ repository, asker, signal }: Proving, base: string): Promise<string> => {
  let hash: string | undefined = base;
  for (let tried = 0; tried < mostBases && hash !== undefined; tried += 1) {
    const answer: Answer = await asker.answer(hash);
    const side = await asker.side(hash);
    if (side === 'before') return hash;
    if (side === 'after') {
      throw new InputError(
        `The ends are on different branches, and ${short(hash)}, from which both came, is not ` +
          `${said(asker.find, 'before')}: ${describeAnswer(answer)} The change that is looked for is not between them. ${otherWay(asker.find)}`,
      );
    }
    [hash] = await parentsOf(repository, hash, signal);
  }
  throw new InputError(
    `The ends are on different branches, and ${short(base)}, from which both came, cannot be asked.`,
  );
};

const mostBases = 8;

const describeFinding = async (
  { repository, asker, signal }: Pick<Proving, 'repository' | 'asker' | 'signal'>,
  { candidates, merges, parent }: Found,
): Promise<CommitFinding> => {
  const describe = (hashes: readonly string[]): Promise<readonly CommitDescription[]> =>
    describeCommits(repository, hashes, signal);
  const { asked } = asker;
  const commits = await describe(asked.map(({ hash }) => hash));
  const [parentCommit] = await describe(parent === undefined ? [] : [parent]);
  return {
    find: asker.find,
    candidates: await describe(candidates),
    merges: await describe(merges),
    ...(parentCommit === undefined ? {} : { parent: parentCommit }),
    asked: commits.flatMap((commit, position) => {
      const answer = asked[position]?.answer;
      return answer === undefined ? [] : [{ commit, answer }];
    }),
  };
};

const short = (hash: string): string => hash.slice(0, 10);

const said = (find: Find, side: Side): string => ((side === 'before') === (find === 'break') ? 'good' : 'bad');

const otherWay = (find: Find): string =>
  find === 'break'
    ? 'Look for the repair instead (--find-fix), or give other ends.'
    : 'Look for what broke it instead (without --find-fix), or give other ends.';

const describeAnswer = (answer: Answer): string => {
  switch (answer.kind) {
    case 'good':
      return `it does not show the failure${answer.detail === undefined ? '' : ` (${answer.detail})`}.`;
    case 'bad':
      return `it shows the failure (${answer.detail}).`;
    case 'skip':
      return `it could not be asked, ${answer.cause}: ${answer.reason}.`;
  }
};
