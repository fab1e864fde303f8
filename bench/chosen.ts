import { InputError } from '../matrices/errors.ts';

/** An option that is a list of names. */
export const list = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

/** Those that are named; all, if none is. Throws `InputError` for a name that is not there. */
export const chosen = <Item>(
  all: readonly Item[],
  names: readonly string[] | undefined,
  nameOf: (item: Item) => string,
  kind: string,
): readonly Item[] => {
  const known = all.map(nameOf);
  const unknown = (names ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new InputError(`There is no ${kind} ${unknown.join(', ')}. Allowed: ${[...new Set(known)].join(', ')}`);
  }
  return all.filter((item) => names?.includes(nameOf(item)) ?? true);
};
