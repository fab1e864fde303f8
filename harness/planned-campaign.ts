import type { Matrix } from '../matrices/matrix.ts';
import { nextOlderRelease } from './baseline.ts';
import { campaignId } from './campaign-id.ts';
import type { ReadyPin } from './cell.ts';
import { checkpointsIn } from './checkpoints.ts';
import { StoppedError } from './interruption.ts';
import type { Laboratory } from './laboratory.ts';
import { openLaboratory, type OpenLaboratory } from './open-laboratory.ts';
import { planCampaign, type Plan } from './plan.ts';
import { pinIdOf, preparePins, type PinOptions, type PreparedPin } from './prepare-pins.ts';
import { readyPin, type PinState } from './ready-pins.ts';
import { ResultsFolder } from './results-folder.ts';
import type { RunOptions } from './run-options.ts';

export interface CampaignOptions extends RunOptions, Pick<PinOptions, 'mayResolve'> {
  readonly matrix: Matrix;
  readonly matrixPath: string;
  /** Pins that have their locks already. @defaultValue those of the matrix, which get them now */
  readonly prepared?: readonly PreparedPin[];
  /** Of several campaigns that share their time: minutes that are left. @defaultValue those of the matrix */
  readonly minutes?: number;
}

/** A campaign as far as its plan: its pins have answered, none of its cells has been asked for. Its laboratory is open. */
export interface PlannedCampaign {
  readonly id: string;
  /** ISO timestamp. */
  readonly startedAt: string;
  readonly prepared: readonly PreparedPin[];
  readonly states: readonly PinState[];
  readonly pins: readonly ReadyPin[];
  readonly plan: Plan;
  readonly laboratory: Laboratory;
  /** Begins nothing new once it is aborted: interrupted, or the budget's time is spent. */
  readonly stop: AbortSignal;
  /** From here on the budget's time runs: building environments and importing does not count. */
  readonly startClock: () => void;
  /** Cells that were run so far. */
  readonly ran: () => number;
}

/** Resolves and asks the pins of a matrix, plans it, and calls `use` while the laboratory is open. */
export const withPlannedCampaign = async <T>(
  options: CampaignOptions,
  use: (planned: PlannedCampaign) => Promise<T>,
): Promise<T> => {
  const { matrix, catalogue, executor, interruption, onEvent } = options;
  const startedAt = new Date().toISOString();
  const prepared = options.prepared ?? (await preparePins(matrix, { ...options, signal: interruption.stop }));
  const id = campaignId(matrix, executor.kind, prepared);
  onEvent({ kind: 'campaign-started', campaign: id, matrix: matrix.name, pins: prepared.map(pinIdOf) });

  using budget = timeBudget(options.minutes ?? matrix.budget.minutes);
  const stop = AbortSignal.any([interruption.stop, budget.signal]);
  const checkpoints = checkpointsIn(new ResultsFolder(options.resultsPath).checkpoints);
  await using open = openLaboratory({ ...options, checkpoints, stop, abort: interruption.abort });
  const states = await askPins(prepared, open, options);
  const pins = states.flatMap((state) => (state.kind === 'ready' ? [state.ready] : []));
  // Awaited here: the laboratory closes when this function ends.
  return await use({
    id,
    startedAt,
    prepared,
    states,
    pins,
    plan: planCampaign(matrix, catalogue, pins),
    laboratory: { ...open.laboratory, baselineOf: nextOlderRelease(pins) },
    stop,
    startClock: budget.start,
    ran: open.ran,
  });
};

const askPins = (
  prepared: readonly PreparedPin[],
  { pool }: OpenLaboratory,
  { ledger, onEvent }: CampaignOptions,
): Promise<readonly PinState[]> =>
  Promise.all(prepared.flatMap((pin) => (pin.kind === 'resolved' ? [readyPin(pin.pin, pool, ledger, onEvent)] : [])));

interface TimeBudget extends Disposable {
  readonly signal: AbortSignal;
  /** Starts the clock. */
  readonly start: () => void;
}

/** The time in which cells may begin. */
const timeBudget = (minutes: number): TimeBudget => {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    start: () => {
      timer = setTimeout(() => controller.abort(new StoppedError('budget')), minutes * 60_000);
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  };
};
