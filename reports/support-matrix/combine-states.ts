import type { SupportCell, SupportMatrix, SupportRow, SupportState } from './support-matrix-model.ts';

/** What several cells of the same kind of evidence come to together. */
export interface Combined {
  readonly state: SupportState;
  readonly pass: number;
  readonly fail: number;
  readonly flaky: number;
}

/** Cells of one kind of evidence alone: what ran on one says nothing of another. */
export const combineCells = (cells: readonly (SupportCell | undefined)[]): Combined => {
  const there = cells.filter((cell) => cell !== undefined);
  const sum = (name: 'pass' | 'fail' | 'flaky'): number => there.reduce((total, cell) => total + (cell[name] ?? 0), 0);
  const [pass, fail, flaky] = [sum('pass'), sum('fail'), sum('flaky')];
  return { state: combinedState({ pass, fail, flaky }, there), pass, fail, flaky };
};

const combinedState = ({ pass, fail, flaky }: Omit<Combined, 'state'>, cells: readonly SupportCell[]): SupportState => {
  if (pass + fail + flaky > 0) {
    if (fail + flaky === 0) return 'works';
    return pass + flaky === 0 ? 'fails' : 'partly';
  }
  return cells.some(({ state }) => state === 'not-offered') ? 'not-offered' : 'unknown';
};

/** The rows of one kind of evidence, by method, in the order of the matrix. */
export const rowsByMethod = ({ rows }: SupportMatrix, evidence: number): ReadonlyMap<string, readonly SupportRow[]> =>
  Map.groupBy(
    rows.filter((row) => row.evidence === evidence),
    ({ method }) => method,
  );
