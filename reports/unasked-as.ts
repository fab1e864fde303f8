import type { ReportedPin } from './report-model.ts';

/** What all cells of a pin are that was not asked; undefined for one that was. */
export const unaskedAs = (pin: ReportedPin | undefined): 'broken' | 'skipped' | undefined => {
  if (pin?.broken !== undefined) return 'broken';
  return pin?.skipped === undefined ? undefined : 'skipped';
};
