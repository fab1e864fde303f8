import type { Axis } from '../matrices/axis.ts';
import type { AxisValue, Config } from '../matrices/config.ts';
import { InputError } from '../matrices/errors.ts';

/** For every axis the index of its value, or `absent`: not decided yet, or does not apply. */
export type Row = readonly number[];
export const absent = -1;

/** When an axis applies: the axis at `axis` must have one of the values whose index `allowed` holds. */
interface Need {
  readonly axis: number;
  readonly allowed: readonly boolean[];
}

/** The axes as numbers. Every value of every axis has a number of its own, `firstValue[axis] + index`. */
export interface IndexedSpace {
  readonly axes: readonly Axis[];
  /** Number of values of all axes together. */
  readonly values: number;
  readonly firstValue: readonly number[];
  readonly needs: readonly (readonly Need[])[];
  /** Whether another axis applies by this one. */
  readonly isNeeded: readonly boolean[];
  readonly axisOf: ReadonlyMap<string, number>;
}

/** @throws InputError when an axis applies by an axis that does not come before it */
export const indexSpace = (axes: readonly Axis[]): IndexedSpace => {
  const axisOf = new Map(axes.map(({ name }, index) => [name, index]));
  const firstValue: number[] = [];
  let values = 0;
  for (const axis of axes) {
    firstValue.push(values);
    values += axis.values.length;
  }
  const needs = axes.map((axis, index) => needsOf(axes, axis, index, axisOf));
  const isNeeded = axes.map((_, index) => needs.flat().some((need) => need.axis === index));
  return { axes, values, firstValue, needs, isNeeded, axisOf };
};

/** True when everything that the axis at `index` needs is decided in `row`, and in its favour. */
export const appliesInRow = (space: IndexedSpace, row: Row, index: number): boolean =>
  space.needs[index]?.every((need) => need.allowed[row[need.axis] ?? absent] === true) === true;

/** The row as a config, keys in the order of the axes. */
export const configOfRow = (space: IndexedSpace, row: Row): Config => {
  const config: Record<string, AxisValue> = {};
  for (const [index, axis] of space.axes.entries()) {
    const value = axis.values[row[index] ?? absent];
    if (value !== undefined) config[axis.name] = value;
  }
  return config;
};

/** The numbers of the config's values, ascending; values that no axis has are left out. */
export const valuesOfConfig = (space: IndexedSpace, config: Config): readonly number[] =>
  space.axes.flatMap((axis, index) => {
    const value = config[axis.name];
    const at = value === undefined ? absent : axis.values.indexOf(value);
    return at === absent ? [] : [numberOf(space, index, at)];
  });

/** The numbers of the row's values, ascending. */
export const valuesOfRow = (space: IndexedSpace, row: Row): readonly number[] =>
  row.flatMap((value, index) => (value === absent ? [] : [numberOf(space, index, value)]));

export const numberOf = (space: IndexedSpace, axis: number, value: number): number =>
  (space.firstValue[axis] ?? 0) + value;

const needsOf = (
  axes: readonly Axis[],
  axis: Axis,
  index: number,
  axisOf: ReadonlyMap<string, number>,
): readonly Need[] =>
  Object.entries(axis.applies ?? {}).map(([name, allowed]) => {
    const needed = axisOf.get(name) ?? index;
    if (needed >= index) {
      throw new InputError(`Axis ${axis.name} applies by ${name}, which is not an axis that comes before it`);
    }
    return { axis: needed, allowed: axes[needed]?.values.map((value) => allowed.includes(value)) ?? [] };
  });
