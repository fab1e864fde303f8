import type { ReleasesOf } from '../../matrices/expand-pins.ts';
import type { Matrix } from '../../matrices/matrix.ts';
import type { BisectOptions } from '../bisect/bisect-failure.ts';
import type { CampaignResult } from '../campaign.ts';
import type { Place } from '../failure-record.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import type { PinOptions } from '../prepare-pins.ts';
import type { RunOptions } from '../run-options.ts';
import type { Ahead } from './night-matrix.ts';

/** What a night is given. */
export interface NightOptions extends RunOptions {
  readonly matrix: Matrix;
  readonly matrixPath: string;
  readonly place: Place;
  /** The day that it is. */
  readonly day: string;
  readonly ahead: Ahead;
  /** Of the whole night. */
  readonly minutes: number;
  /** Campaigns at most: the matrix, and those that widen its coverage. */
  readonly rounds: number;
  /** Keeps what a campaign came to. */
  readonly onCampaign: (campaign: CampaignResult) => Promise<StoredCampaign>;
  /** A widening campaign that was finished before on the same locks; undefined where there is none. */
  readonly finished: (campaign: string) => Promise<StoredCampaign | undefined>;
  /** @defaultValue the package index */
  readonly releasesOf?: ReleasesOf;
  /** @defaultValue uv's resolver */
  readonly resolve?: PinOptions['resolve'];
  /** For bisects; @defaultValue as for a bisect by itself */
  readonly locks?: BisectOptions['locks'];
}
