import { InputError } from '../../matrices/errors.ts';
import type { Telling } from '../telling.ts';
import { git, tryGit } from './git.ts';
import type { Repository } from './repository.ts';

/** What git says of a commit. All but the hash and the date is somebody's free text. */
export interface CommitDescription {
  /** 40 hex digits. */
  readonly hash: string;
  /** When it was committed: ISO timestamp with its time zone. */
  readonly date: string;
  /** `Name <address>`. */
  readonly author: string;
  /** First line of its message. */
  readonly title: string;
  /** Number of the pull request that its title names: `(#1806)`, `Merge pull request #1806 from ...`. */
  readonly pullRequest?: number;
}

/** A commit, and how many commits at least are ruled out by asking it, whatever it answers. */
export interface RankedCommit {
  readonly hash: string;
  readonly distance: number;
}

/**
 * The full hash of a tag, a branch or a commit; undefined when there is none, also where the repository came from.
 *
 * Fetches when a tag or commit is not there yet, and for a branch, which may have moved on.
 *
 * @throws InputError for what cannot be such a name.
 */
export const findCommit = async (
  repository: Repository,
  name: string,
  telling: Telling,
  signal: AbortSignal,
): Promise<string | undefined> => {
  if (!/^[\w][^\s:?*[\\^~\p{Cc}]*$/u.test(name)) {
    throw new InputError(`"${name}" is not the name of a commit: give a tag, a branch, or a hash.`);
  }
  const known = await findSteady(repository, name, signal);
  if (known !== undefined) return known;
  await repository.update(telling, signal, /^[0-9a-f]{40}$/.test(name) ? name : undefined);
  return (await findSteady(repository, name, signal)) ?? verify(repository, `refs/heads/${name}`, signal);
};

/** True for the name of a branch that no tag and no commit has. */
export const isBranch = async (repository: Repository, name: string, signal: AbortSignal): Promise<boolean> =>
  (await findSteady(repository, name, signal)) === undefined &&
  (await verify(repository, `refs/heads/${name}`, signal)) !== undefined;

/** The newest of a commit and its first parents that was committed before a moment; undefined where none was. */
export const commitOfDay = async (
  { gitDir }: Repository,
  hash: string,
  before: Date,
  signal: AbortSignal,
): Promise<string | undefined> => {
  // git counts what was committed in that second in.
  const last = new Date(before.getTime() - 1000).toISOString();
  const words = ['rev-list', '--first-parent', '--max-count=1', `--before=${last}`, hash];
  return lines(await git(words, { gitDir }, signal))[0];
};

const findSteady = async (repository: Repository, name: string, signal: AbortSignal): Promise<string | undefined> =>
  (await verify(repository, `refs/tags/${name}`, signal)) ??
  (/^[0-9a-f]{4,40}$/.test(name) ? await verify(repository, name, signal) : undefined);

const verify = async ({ gitDir }: Repository, name: string, signal: AbortSignal): Promise<string | undefined> => {
  const { ok, stdout } = await tryGit(['rev-parse', '--verify', '--quiet', `${name}^{commit}`], { gitDir }, signal);
  return ok ? stdout : undefined;
};

/** All tags, without `refs/tags/`. */
export const listTags = async ({ gitDir }: Repository, signal: AbortSignal): Promise<readonly string[]> =>
  lines(await git(['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/tags'], { gitDir }, signal));

/** The commits from `to` down along first parents, oldest first, without those that can be reached from `from`. */
export const firstParents = async (
  { gitDir }: Repository,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly string[]> =>
  lines(await git(['rev-list', '--first-parent', '--reverse', to, `^${from}`], { gitDir }, signal));

/** The same commits as git ranks them for bisection, best first. */
export const rankFirstParents = async (
  { gitDir }: Repository,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly RankedCommit[]> =>
  lines(await git(['rev-list', '--bisect-all', '--first-parent', to, `^${from}`], { gitDir }, signal)).map((line) => {
    const found = /^(?<hash>[0-9a-f]{40}) \((?:.*, )?dist=(?<distance>\d+)\)$/.exec(line)?.groups;
    if (found === undefined) throw new Error(`git rev-list --bisect-all printed ${line}`);
    return { hash: found['hash'] ?? '', distance: Number(found['distance']) };
  });

/** All commits on a way from `from` to `to`, oldest first, without `from`. */
export const waysBetween = async (
  { gitDir }: Repository,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<readonly string[]> =>
  lines(await git(['rev-list', '--ancestry-path', '--topo-order', '--reverse', `${from}..${to}`], { gitDir }, signal));

/** Parents, the first first; none of a root. */
export const parentsOf = async (
  { gitDir }: Repository,
  hash: string,
  signal: AbortSignal,
): Promise<readonly string[]> =>
  (await git(['rev-list', '--parents', '--max-count=1', hash], { gitDir }, signal)).split(' ').slice(1);

/** The best common ancestors; none where two histories have nothing in common. */
export const mergeBases = async (
  { gitDir }: Repository,
  left: string,
  right: string,
  signal: AbortSignal,
): Promise<readonly string[]> => lines((await tryGit(['merge-base', '--all', left, right], { gitDir }, signal)).stdout);

/** The id of what a commit has under a path: equal for commits that have the same there. Undefined for nothing. */
export const contentId = async (
  { gitDir }: Repository,
  hash: string,
  path: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const { ok, stdout } = await tryGit(['rev-parse', '--verify', '--quiet', `${hash}:${path}`], { gitDir }, signal);
  return ok ? stdout : undefined;
};

/** Describes commits, in the order given. */
export const describeCommits = async (
  { gitDir }: Repository,
  hashes: readonly string[],
  signal: AbortSignal,
): Promise<readonly CommitDescription[]> => {
  if (hashes.length === 0) return [];
  const format = '--format=%H%x00%cI%x00%an <%ae>%x00%s';
  const text = await git(
    ['log', '--no-walk=unsorted', '--stdin', format],
    { gitDir, input: hashes.join('\n') },
    signal,
  );
  return lines(text).map((line) => {
    const [hash = '', date = '', author = '', title = ''] = line.split('\0');
    const pullRequest = pullRequestOf(title);
    return { hash, date, author, title, ...(pullRequest === undefined ? {} : { pullRequest }) };
  });
};

const pullRequestOf = (title: string): number | undefined => {
  const found = /\(#(?<number>\d{1,9})\)\s*$/.exec(title) ?? /^Merge pull request #(?<number>\d{1,9})\b/.exec(title);
  return found === null ? undefined : Number(found.groups?.['number']);
};

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');
