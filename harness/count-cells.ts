import { noCells } from '../reports/no-cells.ts';
import type { Counts } from '../reports/report-model.ts';
import { violationName } from './find-failures.ts';
import type { Judged } from './judge-config.ts';
import type { Excluded } from './plan.ts';
import type { NamedFailure } from './report-failure.ts';

/** Counts judged cells, the configs that could not be planned, and the runs for which the budget had no room. */
export const countCells = (
  judged: readonly Judged[],
  excluded: readonly Excluded[],
  cut: number,
  isKnown: (cell: Judged) => boolean,
): Counts => {
  const total = { ...noCells, cells: cut, skipped: cut };
  for (const cell of judged) {
    total.cells += 1;
    total[cell.verdict.kind] += 1;
    if (cell.verdict.kind === 'fail' && isKnown(cell)) total.known += 1;
  }
  for (const { because } of excluded) {
    total.cells += 1;
    total[because.kind === 'removed' ? 'fail' : because.kind] += 1;
  }
  return total;
};

/** The sum of two counts. */
export const addCounts = (left: Counts, right: Counts): Counts => ({
  cells: left.cells + right.cells,
  pass: left.pass + right.pass,
  fail: left.fail + right.fail,
  known: left.known + right.known,
  flaky: left.flaky + right.flaky,
  unsupported: left.unsupported + right.unsupported,
  skipped: left.skipped + right.skipped,
  broken: left.broken + right.broken,
});

/** A cell is known when every one of its violations belongs to a failure that is. */
export const knownCells = (failures: readonly NamedFailure[]): ((cell: Judged) => boolean) => {
  const named = new Set(
    failures
      .filter(({ naming }) => naming.known !== undefined)
      .flatMap(({ failure }) => failure.cells.map(violationName)),
  );
  return ({ violations }) => violations.every((violation) => named.has(violationName(violation)));
};
