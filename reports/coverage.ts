import type { Report } from './report-model.ts';

/** How many combinations of values are covered, of those that can be, and what they are called. */
export interface Covered {
  readonly covered: number;
  readonly possible: number;
  /** `pairs`. */
  readonly what: string;
}

export const coveredOf = ({ campaign, coverage: { combinations, covered, impossible } }: Report): Covered => ({
  covered,
  possible: combinations - impossible,
  what: ['single values', 'pairs', 'triples'][campaign.strength - 1] ?? `${campaign.strength}-way combinations`,
});
