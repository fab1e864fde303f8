import type { OnEvent } from '../reports/events.ts';
import { cellOf, type Laboratory } from './laboratory.ts';
import type { Plan, PlannedRun } from './plan.ts';

/** What came of running a plan. */
export interface PlanProgress {
  /** Runs that the ledger held already. */
  readonly reused: number;
  /** Every run of the covering part has been asked for; false when it was stopped before. */
  readonly isComplete: boolean;
}

/** Runs what the ledger does not hold, in the order of the plan. What is stopped early is simply not there. */
export const runPlan = async (
  plan: Plan,
  laboratory: Laboratory,
  stop: AbortSignal,
  onEvent: OnEvent,
): Promise<PlanProgress> => {
  const missing = await missingRuns(plan, laboratory);
  const reused = plan.runs.length - missing.length;
  onEvent({ kind: 'planned', cells: plan.runs.length, known: reused });
  if (missing.length > 0) onEvent({ kind: 'stage-started', stage: 'run', total: missing.length });
  const isDone = await Promise.all(missing.map((run) => ask(run, laboratory, stop)));
  return { reused, isComplete: !missing.some((run, index) => isDone[index] === false && run.part !== 'random') };
};

const missingRuns = async (plan: Plan, laboratory: Laboratory): Promise<readonly PlannedRun[]> => {
  const results = await Promise.all(
    plan.runs.map((run) => laboratory.lookUp(planned(laboratory, run), laboratory.abort)),
  );
  return plan.runs.filter((_, index) => results[index]?.kind === 'broken');
};

/** False when the stop came first. */
const ask = async (run: PlannedRun, laboratory: Laboratory, stop: AbortSignal): Promise<boolean> => {
  try {
    await laboratory.run(planned(laboratory, run), laboratory.abort);
    return true;
  } catch (error) {
    if (stop.aborted || laboratory.abort.aborted) return false;
    throw error;
  }
};

const planned = (laboratory: Laboratory, { ready, config, attempt }: PlannedRun): ReturnType<typeof cellOf> =>
  cellOf(laboratory, ready, config, { number: attempt, cold: false });
