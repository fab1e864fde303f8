import type { Axis } from './axis.ts';
import { matchesCondition } from './condition.ts';
import type { AxisValue, Config } from './config.ts';

/**
 * The one way to write a config: a value for every axis that applies, none for the others, keys in the order of the axes.
 *
 * Values that are missing become the axis' default; values of axes that do not apply, and of names that are no axis, are
 * dropped. Normalising again changes nothing.
 */
export const normalise = (axes: readonly Axis[], chosen: Config): Config => {
  const config: Record<string, AxisValue> = {};
  for (const axis of axes) {
    const value = chosen[axis.name] ?? axis.values[0];
    if (value !== undefined && matchesCondition(axis.applies ?? {}, config)) config[axis.name] = value;
  }
  return config;
};

/** The part of a config that differs from the defaults: `normalise` makes the whole of it again. */
export const minimalForm = (axes: readonly Axis[], config: Config): Config =>
  Object.fromEntries(
    axes.flatMap(({ name, values }) => {
      const value = config[name];
      return value === undefined || value === values[0] ? [] : [[name, value]];
    }),
  );
