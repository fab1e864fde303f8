import type { RankedCommit } from '../../containers/git/history.ts';

/** What is left of a line of commits: those above one that is before the change, up to one that is after it. */
export interface Line {
  /** Oldest first; the last one is after the change. */
  readonly commits: readonly string[];
  /** The same as git ranks them. */
  readonly ranked: readonly RankedCommit[];
  /** Those of them that were asked and did not know. */
  readonly skipped: ReadonlySet<string>;
}

/**
 * The commits to ask next, as many as there are workers: those that cut the line into equal parts, by the distances that
 * git gives. With one worker that is git's own choice, also around commits that cannot be asked.
 */
export const chooseCommits = (line: Line, workers: number): readonly string[] => {
  const chosen = new Set<string>();
  for (let part = 1; part <= workers; part += 1) {
    const wanted = (part * line.commits.length) / (workers + 1);
    const next = chooseNear(line, wanted, chosen);
    if (next !== undefined) chosen.add(next);
  }
  return [...chosen];
};

const chooseNear = (line: Line, wanted: number, chosen: ReadonlySet<string>): string | undefined => {
  const { commits, ranked, skipped } = line;
  const positions = new Map(commits.map((hash, position) => [hash, position]));
  const last = commits.length - 1;
  const near = ranked
    .map(({ hash, distance }) => ({ hash, distance, position: positions.get(hash) ?? last }))
    .filter(({ hash, position }) => position < last && !chosen.has(hash))
    .map(({ hash, distance, position }) => ({ hash, offBy: Math.abs(reach(distance, position, line) - wanted) }))
    .toSorted((left, right) => left.offBy - right.offBy);
  const free = near.filter(({ hash }) => !skipped.has(hash));
  const [best] = near;
  // Commits that cannot be asked come in rows: beside one there is another.
  return best !== undefined && skipped.has(best.hash) ? free[skipAway(free.length)]?.hash : free[0]?.hash;
};

/** How many commits are left if this one is after the change. git's distance is that, or what is left if it is before. */
const reach = (distance: number, position: number, { commits }: Line): number =>
  position + 1 <= commits.length / 2 ? distance : commits.length - distance;

/** Which of so many commits, best first, to take in place of the best: as `skip_away` of git's `bisect.c` has it. */
const skipAway = (count: number): number => {
  const random = (Math.floor(((count * 1_103_515_245 + 12_345) % 2 ** 32) / 65_536) % 32_768) / 32_768;
  return Math.floor(count * random * Math.sqrt(random));
};
