/** A whole number from 0 up to, not including, `bound`. */
export type Draw = (bound: number) => number;

/**
 * The same draws for the same seed on every machine: Weyl steps through a 32-bit mixer (mulberry32), integers only.
 *
 * For choices that need no statistics; not for tensors.
 */
export const seededDraw = (seed: number): Draw => {
  let state = seed | 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    // Below 2^53 for every bound up to 2^21, so the product and the quotient are exact.
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) * bound) / 0x1_0000_0000);
  };
};

/** The values in a drawn order. */
export const shuffled = <T>(values: readonly T[], draw: Draw): readonly T[] =>
  values
    .map((value) => ({ value, key: draw(0x20_0000) }))
    .toSorted((left, right) => left.key - right.key)
    .map(({ value }) => value);
