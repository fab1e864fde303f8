import type { CellRequest } from '../containers/cell-request.ts';
import type { Hello } from '../containers/protocol.ts';
import type { Config } from '../matrices/config.ts';
import type { ResolvedPin } from '../matrices/pin.ts';
import type { CellIdentity } from './cell-key.ts';
import type { Attempt } from './ledger.ts';

/** A pin that has answered: what it offers is known, so cells on it can be planned. */
export interface ReadyPin {
  readonly pin: ResolvedPin;
  readonly hello: Hello;
}

/** A config on a pin, in one attempt, ready to be run. */
export interface Cell {
  readonly ready: ReadyPin;
  readonly config: Config;
  readonly attempt: Attempt;
  readonly request: CellRequest;
  readonly identity: CellIdentity;
  /** The cell whose checkpoint this one reads, in place of training. */
  readonly reads?: Cell;
}

export const firstAttempt: Attempt = { number: 0, cold: false };
