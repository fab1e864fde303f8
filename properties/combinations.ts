import type { Axis } from '../matrices/axis.ts';
import type { Config } from '../matrices/config.ts';
import { indexSpace, type IndexedSpace, valuesOfConfig } from './indexed-space.ts';

/** How many axes a combination has values of. */
export type Strength = 1 | 2 | 3;

/** How many t-way combinations `configs` show, of all that the axes have, possible or not. */
export interface Coverage {
  readonly combinations: number;
  readonly covered: number;
}

/** Counts the t-way combinations of values that at least one of `configs` has. */
export const coverageOf = (axes: readonly Axis[], configs: readonly Config[], strength: Strength): Coverage => {
  const space = indexSpace(axes);
  const size = sizeWithin(space, strength);
  const seen = new Set(configs.flatMap((config) => combinationsOf(space, valuesOfConfig(space, config), size)));
  return { combinations: allCombinations(space, size).length, covered: seen.size };
};

/** A strength above the number of axes means all axes together. */
export const sizeWithin = (space: IndexedSpace, strength: number): number => Math.min(strength, space.axes.length);

/**
 * The combinations of `size` (0 to 3) of `values`, which ascend, each as one number: its values as digits to the base
 * `space.values`, behind those of the smaller sizes.
 */
export const combinationsOf = (space: IndexedSpace, values: readonly number[], size: number): readonly number[] => {
  if (size < 2) return size === 1 ? values : [];
  const found: number[] = [];
  for (const [index, first] of values.entries()) {
    for (let at = index + 1; at < values.length; at++) {
      const second = values[at] ?? 0;
      if (size === 2) found.push(pairOf(space, first, second));
      if (size === 3) {
        for (let last = at + 1; last < values.length; last++) {
          found.push(tripleOf(space, first, second, values[last] ?? 0));
        }
      }
    }
  }
  return found;
};

/** The number of the combination of two values, in any order. */
export const pairOf = (space: IndexedSpace, one: number, other: number): number =>
  space.values + Math.min(one, other) * space.values + Math.max(one, other);

/** The number of the combination of three values: two that ascend, and one that belongs anywhere. */
export const tripleOf = (space: IndexedSpace, low: number, high: number, third: number): number => {
  const first = Math.min(low, third);
  const last = Math.max(high, third);
  const second = low + high + third - first - last;
  return space.values + space.values ** 2 + (first * space.values + second) * space.values + last;
};

/** The values of a combination, ascending. */
export const valuesOfCombination = (space: IndexedSpace, combination: number, size: number): readonly number[] => {
  const base = space.values;
  let rest = combination - (size > 1 ? base : 0) - (size > 2 ? base * base : 0);
  const values: number[] = [];
  for (let digit = 0; digit < size; digit++) {
    values.unshift(rest % base);
    rest = Math.floor(rest / base);
  }
  return values;
};

/** One more than the greatest number of a combination of `size`. */
export const combinationLimit = (space: IndexedSpace, size: number): number =>
  [1, 2, 3].filter((smaller) => smaller <= size).reduce((sum, power) => sum + space.values ** power, 0);

/** Every combination of values of `size` different axes, whether a config can have it or not. */
export const allCombinations = (space: IndexedSpace, size: number): readonly number[] => {
  const found: number[] = [];
  const extend = (values: readonly number[], from: number): void => {
    if (values.length === size) found.push(...combinationsOf(space, values, size));
    else {
      for (let axis = from; axis < space.axes.length; axis++) {
        const first = space.firstValue[axis] ?? 0;
        for (const value of space.axes[axis]?.values.keys() ?? []) extend([...values, first + value], axis + 1);
      }
    }
  };
  extend([], 0);
  return found;
};
