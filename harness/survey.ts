import type { Violation } from './find-failures.ts';
import type { Judged } from './judge-config.ts';
import type { PlannedCampaign } from './planned-campaign.ts';

/** A campaign as far as its verdicts: planned, run and judged, nothing shrunk. Its laboratory is open. */
export interface Survey extends PlannedCampaign {
  /** Cells of the plan that could be planned. */
  readonly judged: readonly Judged[];
  /** Of all cells, of pins that cannot be imported, and of what our data promise and a release took away. */
  readonly violations: readonly Violation[];
  readonly reused: number;
  /** Every combination that the plan was to cover has been asked for. */
  readonly isComplete: boolean;
  /** Second runs that were left out. */
  readonly unrepeated: number;
}
