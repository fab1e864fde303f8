import * as z from 'zod';
import type { Config } from '../matrices/config.ts';
import { stateOfRuns } from '../reports/support-matrix/combine-states.ts';
import type { SupportCell, SupportState } from '../reports/support-matrix/support-matrix-model.ts';
import type { Reason } from '../reports/verdicts-model.ts';
import type { MergedCell } from './newest-verdicts.ts';
import type { Table } from './table.ts';

/** What the cells of a matrix share. */
export interface Tables {
  readonly reasons: Table<Reason>;
  readonly configs: Table<Config>;
  readonly environmentOf: (cell: MergedCell) => number;
  readonly campaignOf: (cell: MergedCell) => number;
  /** Whether nothing failed in a cell but what is done with a trained adapter. */
  readonly isTrained: (cell: MergedCell) => boolean;
}

/** So many configs are shown of those that passed, and of each failure; the campaigns have all. */
const shownConfigs = 5;

/** What the cells of one method, sharding, precision and kind of evidence come to on one release. */
export const supportCell = (cells: readonly MergedCell[], tables: Tables): SupportCell => {
  const of = (verdict: MergedCell['verdict']): readonly MergedCell[] =>
    cells.filter((cell) => cell.verdict === verdict);
  const [passing, failing, flaky] = [of('pass'), of('fail'), of('flaky')];
  const [unsupported, skipped, broken] = [of('unsupported'), of('skipped'), of('broken')];
  const trained = failing.filter(tables.isTrained).length;
  const counts = { pass: passing.length, fail: failing.length, trained, flaky: flaky.length };
  return {
    // Only runs speak.
    state: stateOfRuns(counts) ?? stateOfNone(cells),
    ...(passing.length > 0 && { pass: passing.length, passed: simplest(passing, tables) }),
    ...(failing.length > 0 && { fail: failing.length, failures: failuresOf(failing, tables) }),
    ...(trained > 0 && { trained }),
    ...(flaky.length > 0 && { flaky: flaky.length }),
    ...(unsupported.length > 0 && { unsupported: reasonsOf(unsupported, tables) }),
    ...(skipped.length > 0 && { skipped: reasonsOf(skipped, tables) }),
    ...(broken.length > 0 && { broken: reasonsOf(broken, tables) }),
    environments: numbers(cells.map(tables.environmentOf)),
    campaigns: numbers(cells.map(tables.campaignOf)),
  };
};

/** Where nothing was run, a reason that holds for every config says that it is not offered. */
const stateOfNone = (cells: readonly MergedCell[]): SupportState => {
  const isOut = cells.some(({ verdict, reason }) => verdict === 'unsupported' && reason.whole === true);
  return isOut ? 'not-offered' : 'unknown';
};

const failuresOf = (failing: readonly MergedCell[], tables: Tables): NonNullable<SupportCell['failures']> => {
  const ids = [...new Set(failing.flatMap(({ failures }) => failures))].toSorted();
  return ids.map((id) => {
    const showing = failing.filter(({ failures }) => failures.includes(id));
    return { id, cells: showing.length, configs: simplest(showing, tables) };
  });
};

/** Fewest values away from the defaults first; what the row says already is left out. */
const simplest = (cells: readonly MergedCell[], { configs }: Tables): readonly number[] => {
  const best = new Map<string, MergedCell>();
  for (const cell of cells) {
    best.set(cell.config, cell);
    // Now and then, so that a group of many thousands is never sorted as a whole.
    if (best.size > 100 * shownConfigs) keepSimplest(best);
  }
  keepSimplest(best);
  return [...best.keys()].map((text) => configs.indexOf(Object.fromEntries(pairsSchema.parse(JSON.parse(text)))));
};

const keepSimplest = (cells: Map<string, MergedCell>): void => {
  const sorted = [...cells.values()].toSorted(
    (left, right) => left.away - right.away || (left.config < right.config ? -1 : Number(left.config > right.config)),
  );
  cells.clear();
  for (const cell of sorted.slice(0, shownConfigs)) cells.set(cell.config, cell);
};

/** What `canonicalConfig` writes. */
const pairsSchema = z.array(z.tuple([z.string(), z.union([z.string(), z.number(), z.boolean()])]));

const reasonsOf = (cells: readonly MergedCell[], { reasons }: Tables): NonNullable<SupportCell['unsupported']> =>
  [...Map.groupBy(cells, ({ reason }) => reasons.indexOf(reason))]
    .toSorted(([left], [right]) => left - right)
    .map(([reason, group]) => ({ reason, cells: group.length }));

const numbers = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].toSorted((left, right) => left - right);
