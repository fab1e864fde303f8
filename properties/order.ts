import type { Axis } from '../matrices/axis.ts';
import { canonicalConfig, type Config } from '../matrices/config.ts';
import { fieldsAwayFromDefault, stepsFromDefault } from './config-space.ts';

/** What a config costs to run or to understand; only the order of the numbers counts. */
export type Cost = (config: Config) => number;

/**
 * The total order that shrinking walks down: fewest fields away from the defaults, then cheapest, then the earliest
 * value on each axis in the order of the axes, then the canonical text.
 *
 * Every single-field simplification of a config comes before it, provided that `cost` never rises when one field gets
 * simpler. An axis that does not apply counts as its default.
 *
 * @param cost - defaults to the number of steps from the defaults, added up over the axes
 */
export const compareSimplicity =
  (axes: readonly Axis[], cost: Cost = stepsInAll(axes)) =>
  (left: Config, right: Config): number =>
    fieldsAwayFromDefault(axes, left).length - fieldsAwayFromDefault(axes, right).length ||
    cost(left) - cost(right) ||
    firstDifference(axes, left, right) ||
    compareText(canonicalConfig(left), canonicalConfig(right));

const stepsInAll =
  (axes: readonly Axis[]): Cost =>
  (config) =>
    axes.reduce((sum, axis) => sum + stepsFromDefault(axis, config), 0);

const firstDifference = (axes: readonly Axis[], left: Config, right: Config): number => {
  for (const axis of axes) {
    const difference = stepsFromDefault(axis, left) - stepsFromDefault(axis, right);
    if (difference !== 0) return difference;
  }
  return 0;
};

const compareText = (left: string, right: string): number => {
  if (left === right) return 0;
  return left < right ? -1 : 1;
};
