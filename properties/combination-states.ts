import type { Config } from '../matrices/config.ts';
import {
  allCombinations,
  combinationLimit,
  combinationsOf,
  pairOf,
  tripleOf,
  valuesOfCombination,
} from './combinations.ts';
import type { RowCompleter } from './complete-row.ts';
import { absent, configOfRow, type IndexedSpace, type Row } from './indexed-space.ts';
import type { Draw } from './seeded-random.ts';

/** Nothing known yet; a feasible config has it, but none of ours; ours have it; none can have it; the search gave up. */
const state = { open: 0, possible: 1, covered: 2, impossible: 3, unknown: 4 } as const;

/** What is known of every combination of up to `size` values. */
export class CombinationStates {
  readonly #space: IndexedSpace;
  readonly #size: number;
  readonly #completer: RowCompleter;
  readonly #draw: Draw;
  readonly #states: Uint8Array;
  /** For combinations that are possible and not covered: a feasible row that has them. */
  readonly #witnesses = new Map<number, Row>();

  constructor(space: IndexedSpace, size: number, completer: RowCompleter, draw: Draw) {
    this.#space = space;
    this.#size = size;
    this.#completer = completer;
    this.#draw = draw;
    this.#states = new Uint8Array(combinationLimit(space, size));
  }

  /** Marks all that a config with these values shows. */
  cover(values: readonly number[]): void {
    for (let size = 1; size <= this.#size; size++) {
      for (const combination of combinationsOf(this.#space, values, size)) {
        this.#states[combination] = state.covered;
        this.#witnesses.delete(combination);
      }
    }
  }

  /** True when the combination is not covered yet and can be. Searches once, remembers the answer. */
  isPossible(combination: number, size: number): boolean {
    const known = this.#states[combination];
    if (known !== state.open) return known === state.possible;
    const found = this.#search(combination, size);
    this.#states[combination] = found;
    return found === state.possible;
  }

  /** A feasible row that shows that the combination is possible; `undefined` where `isPossible` is not true. */
  witnessOf(combination: number): Row | undefined {
    return this.#witnesses.get(combination);
  }

  /** How many combinations of `size` these values would newly cover. */
  gainOf(values: readonly number[], size: number): number {
    return combinationsOf(this.#space, values, size).reduce((sum, combination) => sum + this.#worth(combination), 0);
  }

  /** How many combinations of `size` the value would newly cover beside `others`, which ascend. */
  gainBeside(value: number, others: readonly number[], size: number): number {
    if (size === 1) return this.#worth(value);
    let gain = 0;
    for (const [index, first] of others.entries()) {
      if (size === 2) gain += this.#worth(pairOf(this.#space, first, value));
      if (size === 3) {
        for (let at = index + 1; at < others.length; at++) {
          gain += this.#worth(tripleOf(this.#space, first, others[at] ?? 0, value));
        }
      }
    }
    return gain;
  }

  /** The figures of a covering array, for the combinations of the full size. */
  summary(): {
    readonly combinations: number;
    readonly covered: number;
    readonly impossible: readonly Config[];
    readonly unknown: readonly Config[];
  } {
    const all = allCombinations(this.#space, this.#size);
    const having = (wanted: number): readonly number[] => all.filter((one) => this.#states[one] === wanted);
    const asConfigs = (combinations: readonly number[]): readonly Config[] =>
      combinations.map((one) => configOfRow(this.#space, this.#rowOf(one, this.#size)));
    return {
      combinations: all.length,
      covered: having(state.covered).length,
      impossible: asConfigs(having(state.impossible)),
      unknown: asConfigs(having(state.unknown)),
    };
  }

  /** The row that has nothing but the combination. */
  #rowOf(combination: number, size: number): Row {
    return partRow(this.#space, valuesOfCombination(this.#space, combination, size));
  }

  #worth(combination: number): number {
    return (this.#states[combination] ?? state.impossible) < state.covered ? 1 : 0;
  }

  #search(combination: number, size: number): number {
    // One hopeless value makes hundreds of combinations hopeless: ask for the parts first.
    const values = valuesOfCombination(this.#space, combination, size);
    const parts = combinationsOf(this.#space, values, size - 1);
    if (parts.some((part) => this.#isImpossible(part, size - 1))) return state.impossible;
    const found = this.#completer.complete(this.#rowOf(combination, size), this.#draw);
    if (typeof found === 'string') return state[found];
    this.#witnesses.set(combination, found);
    return state.possible;
  }

  #isImpossible(combination: number, size: number): boolean {
    this.isPossible(combination, size);
    return this.#states[combination] === state.impossible;
  }
}

/** A row with these values and no others. */
export const partRow = (space: IndexedSpace, values: readonly number[]): Row => {
  const row: number[] = space.axes.map(() => absent);
  for (const value of values) {
    const axis = space.firstValue.findLastIndex((first) => first <= value);
    row[axis] = value - (space.firstValue[axis] ?? 0);
  }
  return row;
};
