/** A tensor as far as an observation knows it: its Euclidean norm, exact, and its random signed projections. */
export interface Sketched {
  readonly norm: number;
  readonly sketch: readonly number[];
}

/**
 * Estimate of the norm of `left - right`, in their unit.
 *
 * Each projection of a difference d, with random signs, has mean 0 and mean square |d|^2; the estimate is the root of
 * the mean of the eight squares.
 */
export const sketchDistance = (left: Sketched, right: Sketched): number =>
  Math.sqrt(
    left.sketch.reduce((sum, value, index) => sum + (value - (right.sketch[index] ?? Number.NaN)) ** 2, 0) /
      left.sketch.length,
  );

/**
 * By how much an estimate may exceed the bound on the true distance before it counts.
 *
 * The mean of k squares of signed projections exceeds c^2 |d|^2 with a probability of at most (c^2 e^(1 - c^2))^(k / 2)
 * (Achlioptas, "Database-friendly random projections", lemma 4: signs are no worse than normal variables). For k = 8
 * and c = 3 that is 9e-11 for a tensor whose true distance is the bound itself: once in a hundred thousand campaigns of
 * a hundred thousand tensors each.
 *
 * The price is power: a true distance of 3 bounds is seen every second time, one of 9 bounds in all but 1 of 900 cases
 * (probability that eight squares of normal variables sum to less than 8/9).
 */
export const sketchFactor = 3;

/** Probability of a false alarm of {@link exceeds} for one tensor, when its true distance is at most the bound. */
export const falseAlarmProbability = (sketchFactor ** 2 * Math.exp(1 - sketchFactor ** 2)) ** 4;

/**
 * True when the distance of two tensors is more than `bound`, beyond reasonable doubt.
 *
 * Two independent witnesses: the difference of the norms, which can never be more than the distance (no false alarm, no
 * spread), and the estimate from the sketches.
 */
export const exceeds = (left: Sketched, right: Sketched, bound: number): boolean =>
  Math.abs(left.norm - right.norm) > bound || sketchDistance(left, right) > sketchFactor * bound;

/** Several tensors as one. Their sketches must have signs of their own, as those of tensors with different names have. */
export const together = (parts: readonly Sketched[]): Sketched => ({
  norm: Math.hypot(...parts.map(({ norm }) => norm)),
  sketch: (parts[0]?.sketch ?? []).map((_, index) =>
    parts.reduce((sum, { sketch }) => sum + (sketch[index] ?? Number.NaN), 0),
  ),
});
