import type { Axis } from '../matrices/axis.ts';
import { canTake } from '../matrices/axis-values.ts';
import { type AxisValue, canonicalConfig, type Config } from '../matrices/config.ts';
import { normalise } from '../matrices/normalise.ts';
import { numbersTowards } from './numbers-towards.ts';

/** True for an object that has a known value for exactly the axes that apply to it. */
export const isSettled = (axes: readonly Axis[], value: unknown): value is Config => {
  if (typeof value !== 'object' || value === null) return false;
  const given = new Map<string, unknown>(Object.entries(value));
  const known: Record<string, AxisValue> = {};
  for (const axis of axes) {
    const found = given.get(axis.name);
    if (isAxisValue(found) && canTake(axis, found)) known[axis.name] = found;
  }
  return Object.keys(known).length === given.size && canonicalConfig(normalise(axes, known)) === canonicalConfig(known);
};

/** Every config that has a simpler value on one axis than `config`, in the order of the axes, simplest value first. */
export const simplifications = (axes: readonly Axis[], config: Config): readonly Config[] =>
  axes.flatMap((axis) =>
    simplerValues(axis, config).map((value) => normalise(axes, { ...config, [axis.name]: value })),
  );

/**
 * How far the config's value is from the default of the axis, in steps; 0 where the axis is absent. Numbers of a range come
 * after all listed values, the nearest to the default first.
 */
export const stepsFromDefault = (axis: Axis, config: Config): number => {
  const value = config[axis.name];
  if (value === undefined) return 0;
  const index = axis.values.indexOf(value);
  if (index !== -1) return index;
  // A value that the axis does not list (a user's own rank) is less simple than all that it does.
  const [simplest] = axis.values;
  const away = typeof value === 'number' && typeof simplest === 'number' ? Math.abs(value - simplest) : 0;
  return axis.values.length + away;
};

/** The names of the axes on which `config` is away from the default. */
export const fieldsAwayFromDefault = (axes: readonly Axis[], config: Config): readonly string[] =>
  axes.filter((axis) => stepsFromDefault(axis, config) > 0).map(({ name }) => name);

const simplerValues = (axis: Axis, config: Config): readonly AxisValue[] => {
  const value = config[axis.name];
  const [simplest] = axis.values;
  const isListed = value === undefined || axis.values.includes(value);
  const between =
    !isListed && axis.numbers !== undefined && typeof value === 'number' && typeof simplest === 'number'
      ? numbersTowards(simplest, value, axis.numbers).filter((number) => !axis.values.includes(number))
      : [];
  return [...axis.values.slice(0, stepsFromDefault(axis, config)), ...between];
};

const isAxisValue = (value: unknown): value is AxisValue => ['string', 'number', 'boolean'].includes(typeof value);
