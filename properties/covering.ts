import type { Axis } from '../matrices/axis.ts';
import type { Config } from '../matrices/config.ts';
import { allCombinations, combinationsOf, sizeWithin, type Strength } from './combinations.ts';
import { CombinationStates } from './combination-states.ts';
import { type Feasible, type Patience, rowCompleter } from './complete-row.ts';
import { type Growth, growRow } from './covering-row.ts';
import { configOfRow, type IndexedSpace, indexSpace, type Row, valuesOfConfig, valuesOfRow } from './indexed-space.ts';
import { mostNewFirst } from './most-new-first.ts';
import { seededDraw, shuffled } from './seeded-random.ts';

export interface CoveringOptions {
  /** Every combination of values of this many axes is covered; more than there are axes means all of them. */
  readonly strength: Strength;
  /** The same seed gives the same array on every machine. */
  readonly seed: number;
  /** Configs that ran already: what they cover need not be covered again. */
  readonly already?: readonly Config[];
  /** How hard impossibility is searched for before it is called unknown. */
  readonly patience?: Patience;
}

/** `combinations` is the sum of `covered`, the number of `impossible` and the number of `unknown`. */
export interface CoveringArray {
  /** Settled and feasible; those that cover most new combinations come first. */
  readonly configs: readonly Config[];
  /** Number of combinations of values of `strength` different axes, possible or not. */
  readonly combinations: number;
  /** How many of them a config of the array, or one of `already`, has. */
  readonly covered: number;
  /** Those that no feasible config has; proven. */
  readonly impossible: readonly Config[];
  /** Those for which neither a config nor a proof was found in time. */
  readonly unknown: readonly Config[];
}

/**
 * Few configs that together show every t-way combination of axis values that some feasible config has.
 *
 * Greedy, one config at a time (the idea of AETG): several candidates are grown around combinations that are still open,
 * value by value, and the one that covers most is kept. What no combination asks for is drawn by seed, so that free
 * fields vary. Smaller combinations are covered as well: a value that only occurs where fewer than t axes apply is not
 * forgotten, but not counted either.
 *
 * @param axes - their values are the ones to cover
 * @param feasible - see {@link Feasible}
 */
export const coveringArray = (axes: readonly Axis[], feasible: Feasible, options: CoveringOptions): CoveringArray => {
  const space = indexSpace(axes);
  const size = sizeWithin(space, options.strength);
  const draw = seededDraw(options.seed);
  const completer = rowCompleter(space, feasible, options.patience);
  const states = new CombinationStates(space, size, completer, draw);
  for (const config of options.already ?? []) states.cover(valuesOfConfig(space, config));

  const rows: Row[] = [];
  for (let smaller = size; smaller > 0; smaller--) rows.push(...coverSize({ space, states, completer, draw }, smaller));
  const configs = usefulRows(space, size, rows, options.already ?? []).map((row) => configOfRow(space, row));
  return { configs, ...states.summary() };
};

/** Rows for every combination of `size` that is possible and not covered yet. */
const coverSize = (growth: Growth, size: number): readonly Row[] => {
  const { space, states, draw } = growth;
  const rows: Row[] = [];
  const wanted = shuffled(allCombinations(space, size), draw);
  let next = 0;
  for (;;) {
    // What is covered or cannot be stays so: pass over it for good.
    while (next < wanted.length && !states.isPossible(wanted[next] ?? 0, size)) next++;
    const row = bestCandidate(growth, openFrom(states, wanted, next, size), size);
    if (row === undefined) return rows;
    states.cover(valuesOfRow(space, row));
    rows.push(row);
  }
};

/**
 * Measured: 1 candidate gives 35 rows for ten axes of four values, 4 and more give 30; with 50 twelve axes of ten values
 * need 5 % fewer rows than with 8, at three to five times the time, and real axes no fewer.
 */
const candidatesPerRow = 8;

const openFrom = (
  states: CombinationStates,
  wanted: readonly number[],
  from: number,
  size: number,
): readonly number[] => {
  const open: number[] = [];
  for (let at = from; at < wanted.length && open.length < candidatesPerRow; at++) {
    const combination = wanted[at] ?? 0;
    if (states.isPossible(combination, size)) open.push(combination);
  }
  return open;
};

const bestCandidate = (growth: Growth, seeds: readonly number[], size: number): Row | undefined => {
  let best: { readonly row: Row; readonly gain: number } | undefined;
  for (const seed of seeds) {
    const row = growRow(growth, seed, size);
    const gain = row === undefined ? 0 : growth.states.gainOf(valuesOfRow(growth.space, row), size);
    if (row !== undefined && gain > (best?.gain ?? 0)) best = { row, gain };
  }
  return best?.row;
};

/** Most new first; rows that later ones have made superfluous drop out. */
const usefulRows = (
  space: IndexedSpace,
  size: number,
  rows: readonly Row[],
  already: readonly Config[],
): readonly Row[] => {
  const shown = (values: readonly number[]): readonly number[] =>
    Array.from({ length: size }, (_, smaller) => combinationsOf(space, values, smaller + 1)).flat();
  const before = already.flatMap((config) => shown(valuesOfConfig(space, config)));
  const order = mostNewFirst(
    rows.map((row) => shown(valuesOfRow(space, row))),
    new Set(before),
  );
  return order.map((index) => rows[index] ?? []);
};
