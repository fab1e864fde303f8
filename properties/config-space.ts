import type { Axis, Condition } from '../matrices/axis.ts';
import { matchesCondition } from '../matrices/condition.ts';
import { type AxisValue, canonicalConfig, type Config } from '../matrices/config.ts';
import { InputError } from '../matrices/errors.ts';

/**
 * The config that `choices` stand for: axes that do not apply are dropped, those that apply and were not chosen get
 * their default, names that are no axis are dropped; keys come in the order of the axes.
 */
export const settle = (axes: readonly Axis[], choices: Config): Config => {
  const settled: Record<string, AxisValue> = {};
  for (const axis of axes) {
    if (matchesCondition(axis.applies ?? {}, settled)) settled[axis.name] = choices[axis.name] ?? defaultOf(axis);
  }
  return settled;
};

/** True for an object that has a known value for exactly the axes that apply to it. */
export const isSettled = (axes: readonly Axis[], value: unknown): value is Config => {
  if (typeof value !== 'object' || value === null) return false;
  const given = new Map<string, unknown>(Object.entries(value));
  const known: Record<string, AxisValue> = {};
  for (const { name, values } of axes) {
    const found = values.find((one) => one === given.get(name));
    if (found !== undefined) known[name] = found;
  }
  return Object.keys(known).length === given.size && canonicalConfig(settle(axes, known)) === canonicalConfig(known);
};

/** Every config that has a simpler value on one axis than `config`, in the order of the axes, simplest value first. */
export const simplifications = (axes: readonly Axis[], config: Config): readonly Config[] =>
  axes.flatMap((axis) => simplerValues(axis, config).map((value) => settle(axes, { ...config, [axis.name]: value })));

/** How far the config's value is from the default of the axis, in steps; 0 where the axis is absent. */
export const stepsFromDefault = (axis: Axis, config: Config): number => {
  const value = config[axis.name];
  if (value === undefined) return 0;
  const index = axis.values.indexOf(value);
  // A value that the axis does not list (a user's own rank) counts as the least simple one.
  return index === -1 ? axis.values.length : index;
};

/** The names of the axes on which `config` is away from the default. */
export const fieldsAwayFromDefault = (axes: readonly Axis[], config: Config): readonly string[] =>
  axes.filter((axis) => stepsFromDefault(axis, config) > 0).map(({ name }) => name);

/**
 * The axes cut down to the values that `listed` names, still simplest first; an axis that it does not name keeps only
 * its default. Generation takes these, shrinking takes the whole axes.
 *
 * @throws InputError when `listed` names an axis or a value that does not exist.
 */
export const restrictAxes = (axes: readonly Axis[], listed: Condition): readonly Axis[] => {
  for (const [name, values] of Object.entries(listed)) refuseUnknown(axes, name, values);
  return axes.map((axis) => {
    const wanted = listed[axis.name] ?? [defaultOf(axis)];
    return { ...axis, values: axis.values.filter((value) => wanted.includes(value)) };
  });
};

const simplerValues = (axis: Axis, config: Config): readonly AxisValue[] =>
  axis.values.slice(0, stepsFromDefault(axis, config));

const defaultOf = (axis: Axis): AxisValue => {
  const [first] = axis.values;
  if (first === undefined) throw new InputError(`Axis ${axis.name} has no values; give it at least one`);
  return first;
};

const refuseUnknown = (axes: readonly Axis[], name: string, values: readonly AxisValue[]): void => {
  const axis = axes.find((candidate) => candidate.name === name);
  if (axis === undefined) {
    throw new InputError(`Unknown axis ${name}; known axes: ${axes.map((known) => known.name).join(', ')}`);
  }
  const unknown = values.filter((value) => !axis.values.includes(value));
  if (values.length === 0 || unknown.length > 0) {
    throw new InputError(
      `Axis ${name} cannot take ${values.length === 0 ? 'an empty list' : unknown.join(', ')}; allowed: ${axis.values.join(', ')}`,
    );
  }
};
