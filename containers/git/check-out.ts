import { InputError } from '../../matrices/errors.ts';
import { endOfDay, type PlannedTree } from '../../matrices/expand-pins.ts';
import type { Telling } from '../telling.ts';
import { exportTree } from './export-tree.ts';
import { commitOfDay, describeCommits, isBranch } from './history.ts';
import { repositoryOf } from './known-repositories.ts';
import { resolveCommit } from './release-commit.ts';
import { openRepository, type Repository } from './repository.ts';

/** The source tree of a package at one commit. */
export interface CheckedOut {
  /** Absolute path of its root, which nobody changes any more. */
  readonly path: string;
  /** All 40 hex digits. */
  readonly commit: string;
}

/**
 * Gets the tree of a pin: a branch as it is now, or as it was at the end of a day; a tag or a commit.
 *
 * @param asOf - Day after which nothing counts; absent when nothing limits it.
 * @throws InputError when there is no such commit, or it is younger than the day; InfrastructureError when the repository
 *   cannot be had.
 */
export const checkOut = async (
  { package: name, commit: wanted, git: location }: PlannedTree,
  asOf: string | undefined,
  telling: Telling,
  signal: AbortSignal,
): Promise<CheckedOut> => {
  const repository = await openRepository(location ?? repositoryOf(name), telling, signal);
  const newest = await resolveCommit(repository, name, wanted, telling, signal);
  const commit = await ofDay({ repository, wanted, newest, asOf, signal });
  return { commit, path: await exportTree(repository, commit, signal) };
};

interface Dated {
  readonly repository: Repository;
  /** As it was named. */
  readonly wanted: string;
  /** What that is now. */
  readonly newest: string;
  readonly asOf: string | undefined;
  readonly signal: AbortSignal;
}

/** A branch has older commits; whoever names a tag or a commit wants no other. */
const ofDay = async ({ repository, wanted, newest, asOf, signal }: Dated): Promise<string> => {
  const end = endOfDay(asOf);
  const [found] = await describeCommits(repository, [newest], signal);
  if (found === undefined || Date.parse(found.date) < end) return newest;
  const earlier = (await isBranch(repository, wanted, signal))
    ? await commitOfDay(repository, newest, new Date(end), signal)
    : undefined;
  if (earlier !== undefined) return earlier;
  const day = found.date.slice(0, 10);
  throw new InputError(`${wanted} of ${repository.location} is of ${day}, which is after asOf (${asOf})`);
};
