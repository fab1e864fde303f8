import { type CombinationStates, partRow } from './combination-states.ts';
import { valuesOfCombination } from './combinations.ts';
import type { RowCompleter } from './complete-row.ts';
import { absent, appliesInRow, type IndexedSpace, numberOf, type Row, valuesOfRow } from './indexed-space.ts';
import { type Draw, shuffled } from './seeded-random.ts';

/** What growing a row needs. */
export interface Growth {
  readonly space: IndexedSpace;
  readonly states: CombinationStates;
  readonly completer: RowCompleter;
  readonly draw: Draw;
}

/**
 * A feasible row that has the combination `seed` and, axis by axis in a drawn order, the values that newly cover most
 * combinations of `size`; ties are drawn. `undefined` when `seed` is not known to be possible.
 */
export const growRow = (growth: Growth, seed: number, size: number): Row | undefined => {
  const { space, states, draw } = growth;
  const row = [...partRow(space, valuesOfCombination(space, seed, size))];
  let witness = states.witnessOf(seed);
  if (witness === undefined) return undefined;
  for (const axis of drawnOrder(space, draw)) {
    if (row[axis] !== absent || !appliesInRow(space, row, axis)) continue;
    witness = decide(growth, row, witness, axis, bestFirst(growth, row, axis, size));
  }
  return row;
};

/** Every axis once, after the axes by which it applies. */
const drawnOrder = (space: IndexedSpace, draw: Draw): readonly number[] => {
  const order = new Set<number>();
  const visit = (axis: number): void => {
    for (const need of space.needs[axis] ?? []) visit(need.axis);
    order.add(axis);
  };
  for (const axis of shuffled([...space.axes.keys()], draw)) visit(axis);
  return [...order];
};

/** The values of the axis, those that newly cover most first. */
const bestFirst = ({ space, states, draw }: Growth, row: Row, axis: number, size: number): readonly number[] => {
  const others = valuesOfRow(space, row);
  return shuffled([...(space.axes[axis]?.values.keys() ?? [])], draw)
    .map((value) => ({ value, gain: states.gainBeside(numberOf(space, axis, value), others, size) }))
    .toSorted((left, right) => right.gain - left.gain)
    .map(({ value }) => value);
};

/** Sets the first value with which the row can still be completed; returns the completed row that shows it. */
const decide = (growth: Growth, row: number[], witness: Row, axis: number, values: readonly number[]): Row => {
  for (const value of values) {
    row[axis] = value;
    if (value === witness[axis]) return witness;
    const patched = patch(growth, witness, axis, value);
    if (patched !== undefined) return patched;
    const completed = growth.completer.complete(row, growth.draw);
    if (typeof completed !== 'string') return completed;
  }
  // Not reached while the witness has one of the values; the way back if it had not.
  row[axis] = witness[axis] ?? absent;
  return witness;
};

/** The witness with another value, if that will do: much cheaper than a search. */
const patch = ({ space, completer }: Growth, witness: Row, axis: number, value: number): Row | undefined => {
  if (space.isNeeded[axis] === true) return undefined;
  const patched = witness.with(axis, value);
  return completer.accepts(patched) ? patched : undefined;
};
