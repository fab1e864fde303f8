import type { Matrix } from '../matrices/matrix.ts';
import { countOf } from '../reports/text/count.ts';
import type { Plan } from './plan.ts';

/** Cells for which the budget has no room. */
export const cutCells = ({ cut }: Plan): Plan['cut'] => cut.filter(({ part }) => part !== 'repeat');

/** Why they were not run; `isCovered` says that every combination was asked for all the same. */
export const noRoom = ({ budget }: Matrix, isCovered: boolean): string =>
  `not run: the budget of ${countOf(budget.cells, 'cell')} is spent${isCovered ? '; nothing is left uncovered by that' : ''}`;
