import type { Executor } from '../containers/executor.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import type { Matrix } from '../matrices/matrix.ts';
import { minimalForm } from '../matrices/normalise.ts';
import type { OnEvent } from '../reports/events.ts';
import type { Report } from '../reports/report-model.ts';
import type { Verdicts } from '../reports/verdicts-model.ts';
import { nextOlderRelease, type BaselineOf } from './baseline.ts';
import { campaignId } from './campaign-id.ts';
import type { ReadyPin } from './cell.ts';
import { checkpointsIn } from './checkpoints.ts';
import { confirmFailures } from './confirm.ts';
import { coversAll } from './covers-all.ts';
import { failureId } from './failure-id.ts';
import { findFailures, type Cause, type Violation } from './find-failures.ts';
import { importViolations } from './import-violation.ts';
import { StoppedError, type Interruption } from './interruption.ts';
import { investigation } from './investigate.ts';
import type { Judged } from './judge-config.ts';
import { judgeExcluded, judgePlan } from './judge-plan.ts';
import { judgeStages, type StagedFailure } from './judge-stages.ts';
import type { Laboratory } from './laboratory.ts';
import type { Ledger } from './ledger.ts';
import { makeReport } from './make-report.ts';
import { makeVerdicts } from './make-verdicts.ts';
import { openLaboratory, type OpenLaboratory } from './open-laboratory.ts';
import { planCampaign, type Plan } from './plan.ts';
import { pinIdOf, preparePins, type PreparedPin } from './prepare-pins.ts';
import { readyPin, type PinState } from './ready-pins.ts';
import { expectationOf } from './report-failure.ts';
import { ResultsFolder } from './results-folder.ts';
import { runPlan } from './run-plan.ts';

export interface CampaignOptions {
  readonly matrix: Matrix;
  readonly matrixPath: string;
  readonly catalogue: Catalogue;
  readonly executor: Executor;
  readonly ledger: Ledger;
  readonly resultsPath: string;
  readonly interruption: Interruption;
  readonly onEvent: OnEvent;
  /** Pins that have their locks already. @defaultValue those of the matrix, which get them now */
  readonly prepared?: readonly PreparedPin[];
  /** Of several campaigns that share their time: minutes that are left. @defaultValue those of the matrix */
  readonly minutes?: number;
}

/** What a campaign came to: the report, every verdict, and the failures with all that a later replay needs. */
export interface CampaignResult {
  readonly report: Report;
  readonly verdicts: Verdicts;
  readonly failures: readonly StagedFailure[];
  readonly baselineOf: BaselineOf;
}

/** A campaign as far as its verdicts: planned, run and judged, nothing shrunk. Its laboratory is open. */
export interface Survey {
  readonly id: string;
  readonly startedAt: string;
  readonly prepared: readonly PreparedPin[];
  readonly states: readonly PinState[];
  readonly pins: readonly ReadyPin[];
  readonly plan: Plan;
  /** Cells of the plan that could be planned. */
  readonly judged: readonly Judged[];
  /** Of all cells, of pins that cannot be imported, and of what our data promise and a release took away. */
  readonly violations: readonly Violation[];
  readonly laboratory: Laboratory;
  /** Begins nothing new once it is aborted: interrupted, or the budget's time is spent. */
  readonly stop: AbortSignal;
  readonly ran: () => number;
  readonly reused: number;
  /** Every combination that the plan was to cover has been asked for. */
  readonly isComplete: boolean;
  /** Second runs that were left out. */
  readonly unrepeated: number;
}

/** One run over a matrix: plan, run, judge, shrink, confirm. What the ledger holds already is not run again. */
export const runCampaign = (options: CampaignOptions): Promise<CampaignResult> =>
  withSurvey(options, async (survey) => {
    const failures = await explainViolations(survey, options);
    const { matrix, catalogue, executor, interruption } = options;
    return {
      failures,
      baselineOf: survey.laboratory.baselineOf,
      verdicts: makeVerdicts({ ...survey, matrix, catalogue, failures }),
      report: makeReport({
        ...survey,
        matrix,
        catalogue,
        executor: executor.kind,
        failures,
        finishedAt: new Date().toISOString(),
        ran: survey.ran(),
        isInterrupted: interruption.stop.aborted,
      }),
    };
  });

/** Plans, runs and judges a matrix, and calls `use` while the laboratory is open for further questions. */
export const withSurvey = async <T>(options: CampaignOptions, use: (survey: Survey) => Promise<T>): Promise<T> => {
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
  const laboratory = { ...open.laboratory, baselineOf: nextOlderRelease(pins) };
  const plan = planCampaign(matrix, catalogue, pins);
  budget.start();
  const { reused, missed } = await runPlan(plan, laboratory, stop, onEvent);
  const leftOut = new Set([...plan.cut, ...plan.runs.filter((run) => missed.get(run)?.kind === 'skipped')]);
  const judged = await judgePlan(plan, missed, laboratory);
  const violations = [
    ...importViolations(states),
    ...(await judgeExcluded(plan, laboratory)).flatMap((cell) => cell.violations),
    ...judged.flatMap((cell) => cell.violations),
  ];
  // Awaited here: the laboratory closes when this function ends.
  return await use({
    id,
    startedAt,
    prepared,
    states,
    pins,
    plan,
    judged,
    violations,
    laboratory,
    stop,
    ran: open.ran,
    reused,
    isComplete: coversAll(plan, leftOut, matrix, catalogue),
    unrepeated: [...leftOut].filter(({ part }) => part === 'repeat').length,
  });
};

const explainViolations = async (
  { violations, pins, laboratory, stop }: Survey,
  { catalogue, matrix, onEvent }: CampaignOptions,
): Promise<readonly StagedFailure[]> => {
  tellSignatures(violations, onEvent);
  const onShrunk = (cause: Cause): void => {
    const known = expectationOf(cause, catalogue);
    const minimal = minimalForm(catalogue.axes, cause.minimal.config);
    onEvent({
      kind: 'failure-shrunk',
      id: failureId(cause),
      minimal,
      ...(known === undefined ? {} : { known: known.id }),
    });
  };
  const found = await findFailures(violations, investigation(laboratory, matrix, pins, stop, onShrunk));
  const confirmed = await confirmFailures(found, laboratory, stop, onEvent);
  return Promise.all(confirmed.map((failure) => judgeStages(failure, laboratory, stop)));
};

const askPins = (
  prepared: readonly PreparedPin[],
  { pool }: OpenLaboratory,
  { ledger, onEvent }: CampaignOptions,
): Promise<readonly PinState[]> =>
  Promise.all(prepared.flatMap((pin) => (pin.kind === 'resolved' ? [readyPin(pin.pin, pool, ledger, onEvent)] : [])));

/** Each signature once, as soon as it is seen. */
const tellSignatures = (violations: readonly Violation[], onEvent: OnEvent): void => {
  const distinct = new Map(violations.map((violation) => [violation.signatureId, violation.signature]));
  for (const [signature, { exception, message }] of distinct) {
    onEvent({ kind: 'failure-found', signature, message: `${exception}: ${message}` });
  }
  if (distinct.size > 0) onEvent({ kind: 'stage-started', stage: 'shrink', total: distinct.size });
};

interface TimeBudget extends Disposable {
  readonly signal: AbortSignal;
  /** Starts the clock. */
  start(): void;
}

/** The time in which cells may begin; building environments and importing does not count. */
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
