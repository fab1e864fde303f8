import PQueue from 'p-queue';
import type { Executor } from '../containers/executor.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import type { OnEvent } from '../reports/events.ts';
import { checkpointsInMemory, type Checkpoints } from './checkpoints.ts';
import type { Laboratory } from './laboratory.ts';
import type { Ledger } from './ledger.ts';
import { PinPool } from './pin-pool.ts';
import { handshakeKey } from './ready-pins.ts';
import {
  onlyLedger,
  runOnExecutor,
  withEvents,
  withLedger,
  withQueue,
  withRetry,
  withStop,
  type BrokenCells,
} from './run-cell.ts';
import { withCheckpoints } from './with-checkpoints.ts';

export interface LaboratoryOptions {
  readonly catalogue: Catalogue;
  readonly executor: Executor;
  readonly ledger: Ledger;
  /** In memory, if absent. */
  readonly checkpoints?: Checkpoints;
  readonly onEvent: OnEvent;
  /** Begins nothing new. */
  readonly stop: AbortSignal;
  /** Ends what is running. */
  readonly abort: AbortSignal;
}

/** A laboratory whose probes are open; closing it closes them. */
export interface OpenLaboratory extends AsyncDisposable {
  readonly laboratory: Laboratory;
  readonly pool: PinPool;
  /** Cells that were run since it was opened. */
  readonly ran: () => number;
}

/** How often a broken cell is asked for again. */
const retries = 1;

/** Puts executor, ledger and policies together. */
export const openLaboratory = (options: LaboratoryOptions): OpenLaboratory => {
  const { catalogue, executor, ledger, checkpoints = checkpointsInMemory(), onEvent, abort } = options;
  const closing = new AbortController();
  const stop = AbortSignal.any([options.stop, closing.signal]);
  const pool = new PinPool({
    executor,
    onStep: (pin, step) => onEvent({ kind: 'pin-step', pin: pin.id, step }),
    onWarning: (message) => onEvent({ kind: 'warning', message }),
    onOpen: (pin, hello) => {
      const key = handshakeKey(pin, executor.kind);
      if (key !== undefined) ledger.recordHandshake(key, hello);
    },
    signal: stop,
  });
  const queue = new PQueue({ concurrency: executor.parallel });
  const broken: BrokenCells = new Map();
  let ran = 0;
  const onRun = (): void => {
    ran += 1;
  };
  const reading = withCheckpoints(withRetry(runOnExecutor(pool), retries), checkpoints);
  const asking = withEvents(reading, catalogue, onEvent, onRun);
  const run = withLedger(withQueue(withStop(asking, stop), queue), ledger, broken);
  return {
    laboratory: {
      catalogue,
      executor: executor.kind,
      run,
      lookUp: onlyLedger(ledger, broken),
      baselineOf: () => undefined,
      abort,
    },
    pool,
    ran: () => ran,
    async [Symbol.asyncDispose]() {
      // Where an error ended it before its time, cells still wait for their turn: none may open a probe again.
      closing.abort(new Error('the laboratory is closed'));
      await pool[Symbol.asyncDispose]();
      await queue.onIdle();
    },
  };
};
