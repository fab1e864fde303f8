import type { Adapter, Argument, Arguments } from './adapter.ts';
import type { AxisValue } from './config.ts';

/** The axes that an adapter's arguments, or those of one of its variants, take their values from. */
export const placeholdersOf = (adapter: Adapter): ReadonlySet<string> =>
  new Set(
    [adapter.arguments, ...(adapter.variants ?? []).map((variant) => variant.arguments ?? {})].flatMap(placeholdersIn),
  );

/** The axes that an argument takes its value, or parts of it, from. */
export const placeholdersIn = (argument: Argument): readonly string[] => {
  const name = placeholderName(argument);
  if (name !== undefined) return [name];
  return isPlain(argument) ? [] : Object.values(argument).flatMap(placeholdersIn);
};

/** The arguments with the value of `valueOf(axis)` in place of every `$axis`. */
export const fillPlaceholders = (given: Arguments, valueOf: (axis: string) => Argument): Arguments =>
  Object.fromEntries(Object.entries(given).map(([name, argument]) => [name, fill(argument, valueOf)]));

/** `rank` for `$rank`, undefined for any other argument. */
export const placeholderName = (argument: Argument): string | undefined =>
  typeof argument === 'string' && argument.startsWith('$') ? argument.slice(1) : undefined;

const fill = (argument: Argument, valueOf: (axis: string) => Argument): Argument => {
  const name = placeholderName(argument);
  if (name !== undefined) return valueOf(name);
  if (isPlain(argument)) return argument;
  return isList(argument) ? argument.map((item) => fill(item, valueOf)) : fillPlaceholders(argument, valueOf);
};

const isPlain = (argument: Argument): argument is AxisValue | null => typeof argument !== 'object' || argument === null;

const isList = (argument: readonly Argument[] | Arguments): argument is readonly Argument[] => Array.isArray(argument);
