import type { Verdict } from '../properties/verdict.ts';
import type { OnEvent } from '../reports/events.ts';
import { StoppedError } from './interruption.ts';
import { askCell, type Asked } from './ask-cell.ts';
import type { Laboratory } from './laboratory.ts';
import type { Plan, PlannedRun } from './plan.ts';

/** What came of running a plan. */
export interface PlanProgress {
  /** Runs that the ledger held already. */
  readonly reused: number;
  /** The runs that gave no observation, and why: broken, or stopped before they began. */
  readonly missed: ReadonlyMap<PlannedRun, Verdict>;
}

/** Runs what the ledger does not hold, in the order of the plan. */
export const runPlan = async (
  plan: Pick<Plan, 'runs'>,
  laboratory: Laboratory,
  stop: AbortSignal,
  onEvent: OnEvent,
): Promise<PlanProgress> => {
  const missing = await missingRuns(plan, laboratory);
  const reused = plan.runs.length - missing.length;
  onEvent({ kind: 'planned', cells: plan.runs.length, known: reused });
  if (missing.length > 0) onEvent({ kind: 'stage-started', stage: 'run', total: missing.length });
  const asked = await Promise.all(missing.map(async (run) => [run, await ask(run, laboratory, stop)] as const));
  const missed = new Map(asked.flatMap(([run, verdict]) => (verdict === undefined ? [] : [[run, verdict] as const])));
  return { reused, missed };
};

const missingRuns = async (plan: Pick<Plan, 'runs'>, laboratory: Laboratory): Promise<readonly PlannedRun[]> => {
  const results = await Promise.all(plan.runs.map((run) => askCell(laboratory, planned(run), laboratory.lookUp)));
  return plan.runs.filter((_, index) => results[index]?.kind === 'broken');
};

/** Undefined when it gave an observation. */
const ask = async (run: PlannedRun, laboratory: Laboratory, stop: AbortSignal): Promise<Verdict | undefined> => {
  try {
    const result = await askCell(laboratory, planned(run), laboratory.run);
    return result.kind === 'broken' ? result : undefined;
  } catch (error) {
    const reason: unknown = [laboratory.abort, stop].find((signal) => signal.aborted)?.reason;
    if (reason instanceof StoppedError) return { kind: 'skipped', reason: `not run: ${reason.message}` };
    throw error;
  }
};

const planned = (run: PlannedRun): Asked => ({ ...run, attempt: { number: run.attempt, cold: false } });
