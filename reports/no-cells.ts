import type { Counts } from './report-model.ts';

/** No cell of any kind. */
export const noCells: Counts = {
  cells: 0,
  pass: 0,
  fail: 0,
  known: 0,
  flaky: 0,
  unsupported: 0,
  skipped: 0,
  broken: 0,
};
