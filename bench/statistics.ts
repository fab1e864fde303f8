/** What is told of repeated measurements, in the unit of the measurements. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** Throws `RangeError` when there is nothing to summarise. */
export const summarise = (values: readonly number[]): Summary => {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = values.toSorted((left, right) => left - right);
  return { median: medianOf(sorted), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN, count: sorted.length };
};

const medianOf = (sorted: readonly number[]): number => {
  const half = sorted.length / 2;
  const [below, above] = [sorted[Math.ceil(half) - 1] ?? NaN, sorted[Math.floor(half)] ?? NaN];
  return (below + above) / 2;
};
