/** How many of the latest finishes the rate is taken from: enough to be steady, few enough to follow a change of pace. */
const remembered = 120;
const groups = 9;

/** Times at which things of a stage finished, in milliseconds, oldest first; only the latest are kept. */
export type Finishes = readonly number[];

export const addFinish = (finishes: Finishes, at: number): Finishes => [...finishes.slice(1 - remembered), at];

/**
 * Milliseconds that `remaining` more finishes are likely to take; undefined until there is something to go by.
 *
 * The rate is a median of means: the gaps between finishes are put into consecutive groups, each group gives its mean,
 * and the median group counts. Single gaps are useless (cells finish in twos and threes), and one pause, for an
 * environment that is being made, must not be counted for every cell to come.
 */
export const timeLeft = (finishes: Finishes, remaining: number): number | undefined => {
  const gaps = finishes.slice(1).map((at, index) => at - (finishes[index] ?? at));
  if (gaps.length < 5) return undefined;
  const size = Math.max(2, Math.ceil(gaps.length / groups));
  const means: number[] = [];
  // From the newest backwards, so that only the oldest group may be short; a short one is left out.
  for (let end = gaps.length; end >= size; end -= size) {
    means.push(gaps.slice(end - size, end).reduce((sum, gap) => sum + gap, 0) / size);
  }
  return median(means) * remaining;
};

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
};
