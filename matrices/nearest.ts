/** The candidate that is spelt most like `word`, or undefined when none is near enough to be meant. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: distanceOf(word.toLowerCase(), candidate.toLowerCase()) }))
    .toSorted((left, right) => left.distance - right.distance);
  const best = ranked[0];
  const tolerated = Math.min(word.length - 1, Math.max(1, Math.floor(word.length / 3)));
  return best !== undefined && best.distance <= tolerated ? best.candidate : undefined;
};

/** ` Did you mean "x"?`, or nothing; to be put after a sentence. */
export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const meant = nearest(word, candidates);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
};

/** {@link didYouMean}, and all that would have been right. */
export const insteadOf = (word: string, allowed: readonly string[]): string =>
  `${didYouMean(word, allowed)} Allowed: ${allowed.join(', ')}`;

/** Damerau-Levenshtein (optimal string alignment): insertions, deletions, substitutions, swapped neighbours. */
const distanceOf = (left: string, right: string): number => {
  let older: readonly number[] = [];
  let old: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current.push(
        Math.min(
          (old[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (old[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (older[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    older = old;
    old = current;
  }
  return old[right.length] ?? 0;
};
