/**
 * The indices of `sets` in the order that shows most new elements first, without those that show nothing new.
 *
 * @param seen - elements that are not new from the start
 */
export const mostNewFirst = (sets: readonly (readonly number[])[], seen: ReadonlySet<number>): readonly number[] => {
  const known = new Set(seen);
  const order: number[] = [];
  const newIn = (index: number): number => sets[index]?.filter((element) => !known.has(element)).length ?? 0;
  // What a set newly shows only ever falls, so an old figure is an upper bound and most need no second look.
  const bounds = [...sets.keys()].map(newIn);
  for (;;) {
    const index = greatest(bounds);
    if (index === undefined || bounds[index] === 0) return order;
    const current = newIn(index);
    if (current < (bounds[index] ?? 0)) {
      bounds[index] = current;
      continue;
    }
    order.push(index);
    for (const element of sets[index] ?? []) known.add(element);
    bounds[index] = 0;
  }
};

/** The index of the greatest number, the first of equals. */
const greatest = (numbers: readonly number[]): number | undefined => {
  let best: number | undefined;
  for (const [index, value] of numbers.entries()) {
    if (best === undefined || value > (numbers[best] ?? 0)) best = index;
  }
  return best;
};
