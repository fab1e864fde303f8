import { canonicalConfig, type Config } from '../matrices/config.ts';
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
}

/** So many configs are shown of those that passed, and of each failure; the campaigns have all. */
const shownConfigs = 5;

/** What the cells of one method, sharding, precision and kind of evidence come to on one release. */
export const supportCell = (cells: readonly MergedCell[], tables: Tables): SupportCell => {
  const of = (verdict: MergedCell['verdict']): readonly MergedCell[] =>
    cells.filter((cell) => cell.verdict === verdict);
  const [passing, failing, flaky] = [of('pass'), of('fail'), of('flaky')];
  const [unsupported, skipped, broken] = [of('unsupported'), of('skipped'), of('broken')];
  return {
    state: stateOf(cells),
    ...(passing.length > 0 && { pass: passing.length, passed: simplest(passing, tables) }),
    ...(failing.length > 0 && { fail: failing.length, failures: failuresOf(failing, tables) }),
    ...(flaky.length > 0 && { flaky: flaky.length }),
    ...(unsupported.length > 0 && { unsupported: reasonsOf(unsupported, tables) }),
    ...(skipped.length > 0 && { skipped: reasonsOf(skipped, tables) }),
    ...(broken.length > 0 && { broken: reasonsOf(broken, tables) }),
    environments: numbers(cells.map(tables.environmentOf)),
    campaigns: numbers(cells.map(tables.campaignOf)),
  };
};

/** Only runs speak. Where there was none, a reason that holds for every config says that it is not offered. */
const stateOf = (cells: readonly MergedCell[]): SupportState => {
  const ran = cells.filter(({ verdict }) => verdict === 'pass' || verdict === 'fail' || verdict === 'flaky');
  if (ran.length > 0) {
    if (ran.every(({ verdict }) => verdict === 'pass')) return 'works';
    return ran.every(({ verdict }) => verdict === 'fail') ? 'fails' : 'partly';
  }
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

/** Fewest values away from the defaults first. */
const simplest = (cells: readonly MergedCell[], { configs }: Tables): readonly number[] => {
  const rest = cells.map(({ config: { adapter: _a, sharding: _s, precision: _p, ...others } }) => others);
  const keys = new Map(rest.map((config) => [canonicalConfig(config), config]));
  return [...keys]
    .toSorted(([left, one], [right, other]) => {
      const fewer = Object.keys(one).length - Object.keys(other).length;
      return fewer === 0 ? (left < right ? -1 : Number(left > right)) : fewer;
    })
    .slice(0, shownConfigs)
    .map(([, config]) => configs.indexOf(config));
};

const reasonsOf = (cells: readonly MergedCell[], { reasons }: Tables): NonNullable<SupportCell['unsupported']> =>
  [...Map.groupBy(cells, ({ reason }) => reasons.indexOf(reason))]
    .toSorted(([left], [right]) => left - right)
    .map(([reason, group]) => ({ reason, cells: group.length }));

const numbers = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].toSorted((left, right) => left - right);
