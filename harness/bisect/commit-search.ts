import { mergeBases, parentsOf, waysBetween } from '../../containers/git/history.ts';
import { searchLine, type LineResult, type Search } from './commit-line.ts';

/** Where a change was found. */
export interface Found {
  /** One: it is this one. Several, oldest first: one of these, for those before the last could not be asked. */
  readonly candidates: readonly string[];
  /** The merges that it came in with, outermost first. */
  readonly merges: readonly string[];
  /** A parent of the one commit, that was asked and is before the change. */
  readonly parent?: string;
}

/**
 * Searches for the change between `from`, which is before it, and `to`, which is after it and descends from `from`: along
 * first parents, then inside the merge that it came with.
 *
 * What comes out was asked, and so was a parent of it: also where history goes back and forth, it is a true change.
 */
export const searchCommits = async (search: Search, from: string, to: string): Promise<Found> => {
  const result = await searchLine(search, from, to);
  const parent = result.below ?? (await proveBeginning(search, result, from));
  return parent === undefined ? searchOtherWays(search, from, result) : settle(search, result, parent);
};

/** The parent that a line begins on, if it is before the change; it need not be where the search began. */
const proveBeginning = async (
  { repository, asker, signal }: Search,
  { line }: LineResult,
  from: string,
): Promise<string | undefined> => {
  const [oldest] = line;
  const [parent] = oldest === undefined ? [] : await parentsOf(repository, oldest, signal);
  if (parent === undefined || parent === from) return parent;
  return (await asker.side(parent)) === 'before' ? parent : undefined;
};

const settle = async (search: Search, { candidates }: LineResult, parent: string): Promise<Found> => {
  const [only, ...others] = candidates;
  if (only === undefined || others.length > 0) return { candidates, merges: [] };
  return searchInside(search, only, parent);
};

/** A merge after the change, with its first parent before it: which of the commits that it brought, or itself? */
const searchInside = async (search: Search, merge: string, parent: string): Promise<Found> => {
  const { repository, asker, signal } = search;
  const itself = { candidates: [merge], merges: [], parent };
  for (const side of (await parentsOf(repository, merge, signal)).filter((each) => each !== parent)) {
    if ((await asker.side(side)) !== 'after') continue;
    const [base] = await mergeBases(repository, parent, side, signal);
    if (base === undefined || (await asker.side(base)) !== 'before') continue;
    const inside = await searchCommits(search, base, side);
    return { ...inside, merges: [merge, ...inside.merges] };
  }
  return itself;
};

/**
 * The line does not begin before the change, though `from`, further up on a side branch, is: history went back and forth.
 * The change is on a way from `from` to `to`, and this one goes up to the first merge on the line that has `from` in it.
 */
const searchOtherWays = async (search: Search, from: string, { line }: LineResult): Promise<Found> => {
  const { repository, asker, signal } = search;
  const to = line.at(-1) ?? from;
  const ways = new Set(await waysBetween(repository, from, to, signal));
  const meeting = line.find((hash) => ways.has(hash)) ?? to;
  const side = await asker.side(meeting);
  if (side === 'before') return searchCommits(search, meeting, to);
  if (side === 'after') return searchBelow(search, from, meeting, ways);
  const above = line.slice(line.indexOf(meeting));
  const end = above.find((hash) => asker.known(hash) === 'after') ?? to;
  return { candidates: await waysBetween(repository, from, end, signal), merges: [] };
};

/** The merge is after the change; the parent of it that has `from` in it is the way down. */
const searchBelow = async (
  search: Search,
  from: string,
  meeting: string,
  ways: ReadonlySet<string>,
): Promise<Found> => {
  const { repository, asker, signal } = search;
  const parent = (await parentsOf(repository, meeting, signal)).find((each) => each === from || ways.has(each));
  const side = parent === undefined ? 'unknown' : await asker.side(parent);
  if (parent === undefined || side === 'unknown') {
    return { candidates: await waysBetween(repository, from, meeting, signal), merges: [] };
  }
  if (side === 'before') return { candidates: [meeting], merges: [], parent };
  const below = await searchCommits(search, from, parent);
  return { ...below, merges: [meeting, ...below.merges] };
};
