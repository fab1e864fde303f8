import type { Catalogue } from '../matrices/catalogue.ts';
import { matrixAxes, type Matrix } from '../matrices/matrix.ts';
import { coverageOf } from '../properties/combinations.ts';
import type { Plan, PlannedRun } from './plan.ts';

/**
 * Whether every combination that the plan was to cover has been asked for.
 *
 * What the budget left out takes nothing away where other cells have all of its combinations, such as the first run of a
 * cell that is only there to be run twice. The references of a cell are planned before it: what was asked for has them.
 */
export const coversAll = (
  { runs, cut }: Plan,
  leftOut: ReadonlySet<PlannedRun>,
  matrix: Matrix,
  { axes }: Catalogue,
): boolean => {
  const listed = matrixAxes(axes, matrix);
  const countCovered = (some: readonly PlannedRun[]): number => {
    const configs = some.map(({ config }) => config);
    return coverageOf(listed, configs, matrix.strength).covered;
  };
  const pins = Map.groupBy([...runs, ...cut], ({ ready }) => ready);
  return [...pins.values()].every((all) => {
    const asked = all.filter((run) => !leftOut.has(run));
    const wanted = all.filter((run) => run.part !== 'random' || !leftOut.has(run));
    return asked.length === all.length || countCovered(asked) === countCovered(wanted);
  });
};
