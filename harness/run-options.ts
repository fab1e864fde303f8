import type { Executor } from '../containers/executor.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import type { OnEvent } from '../reports/events.ts';
import type { Interruption } from './interruption.ts';
import type { Ledger } from './ledger.ts';

/** What campaigns, bisects and nights are all given: where cells run, and where what they showed is kept. */
export interface RunOptions {
  readonly catalogue: Catalogue;
  readonly executor: Executor;
  readonly ledger: Ledger;
  readonly resultsPath: string;
  readonly interruption: Interruption;
  readonly onEvent: OnEvent;
}
