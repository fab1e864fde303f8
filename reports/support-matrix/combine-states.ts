import type { SupportCell, SupportMatrix, SupportRow, SupportState } from './support-matrix-model.ts';

/** What several cells of the same kind of evidence come to together. */
export interface Combined {
  readonly state: SupportState;
  readonly pass: number;
  readonly fail: number;
  /** Of those that failed: where all went well but what is done with a trained adapter. */
  readonly trained: number;
  readonly flaky: number;
}

/** Cells of one kind of evidence alone: what ran on one says nothing of another. */
export const combineCells = (cells: readonly (SupportCell | undefined)[]): Combined => {
  const there = cells.filter((cell) => cell !== undefined);
  const sum = (name: 'pass' | 'fail' | 'trained' | 'flaky'): number =>
    there.reduce((total, cell) => total + (cell[name] ?? 0), 0);
  const counts = { pass: sum('pass'), fail: sum('fail'), trained: sum('trained'), flaky: sum('flaky') };
  return { state: stateOfRuns(counts) ?? stateOfNone(there), ...counts };
};

/** What runs come to; undefined when there was none. */
export const stateOfRuns = ({ pass, fail, trained, flaky }: Omit<Combined, 'state'>): SupportState | undefined => {
  if (pass + fail + flaky === 0) return undefined;
  if (fail + flaky === 0) return 'works';
  return pass + trained + flaky === 0 ? 'fails' : 'partly';
};

const stateOfNone = (cells: readonly SupportCell[]): SupportState => {
  return cells.some(({ state }) => state === 'not-offered') ? 'not-offered' : 'unknown';
};

/** The rows of one kind of evidence, by method, in the order of the matrix. */
export const rowsByMethod = ({ rows }: SupportMatrix, evidence: number): ReadonlyMap<string, readonly SupportRow[]> =>
  Map.groupBy(
    rows.filter((row) => row.evidence === evidence),
    ({ method }) => method,
  );
