import { minimalForm } from '../matrices/normalise.ts';
import type { OnEvent } from '../reports/events.ts';
import type { Report } from '../reports/report-model.ts';
import type { Verdicts } from '../reports/verdicts-model.ts';
import type { BaselineOf } from './baseline.ts';
import { confirmFailures } from './confirm.ts';
import { coversAll } from './covers-all.ts';
import { failureId } from './failure-id.ts';
import { findFailures, type Cause, type Violation } from './find-failures.ts';
import { importViolations } from './import-violation.ts';
import { investigation } from './investigate.ts';
import { judgeExcluded, judgePlan } from './judge-plan.ts';
import { judgeStages } from './judge-stages.ts';
import { makeReport } from './make-report.ts';
import { makeVerdicts } from './make-verdicts.ts';
import { locksOf, type PinLocks } from './pin-locks.ts';
import { expectationOf } from './name-failure.ts';
import { withPlannedCampaign, type CampaignOptions } from './planned-campaign.ts';
import { runPlan } from './run-plan.ts';
import type { Survey } from './survey.ts';
import { traceLosses, type TracedFailure } from './trace-losses.ts';

/** What a campaign came to: the report, every verdict, and the failures with all that a later replay needs. */
export interface CampaignResult {
  readonly report: Report;
  readonly verdicts: Verdicts;
  readonly failures: readonly TracedFailure[];
  readonly baselineOf: BaselineOf;
  /** By pin: what a later bisect takes for the day on which all was well. */
  readonly locks: PinLocks;
}

/** One run over a matrix: plan, run, judge, shrink, confirm. What the ledger holds already is not run again. */
export const runCampaign = (options: CampaignOptions): Promise<CampaignResult> =>
  withSurvey(options, async (survey) => {
    const failures = await explainViolations(survey, options);
    const { matrix, catalogue, executor, interruption } = options;
    return {
      failures,
      baselineOf: survey.laboratory.baselineOf,
      locks: locksOf(survey.prepared),
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
export const withSurvey = <T>(options: CampaignOptions, use: (survey: Survey) => Promise<T>): Promise<T> =>
  withPlannedCampaign(options, async (planned) => {
    const { matrix, catalogue, onEvent } = options;
    const { plan, states, laboratory, stop } = planned;
    planned.startClock();
    const { reused, missed } = await runPlan(plan, laboratory, stop, onEvent);
    const leftOut = new Set([...plan.cut, ...plan.runs.filter((run) => missed.get(run)?.kind === 'skipped')]);
    const judged = await judgePlan(plan, missed, laboratory);
    const violations = [
      ...importViolations(states),
      ...(await judgeExcluded(plan, laboratory)).flatMap((cell) => cell.violations),
      ...judged.flatMap((cell) => cell.violations),
    ];
    return use({
      ...planned,
      judged,
      violations,
      reused,
      isComplete: coversAll(plan, leftOut, matrix, catalogue),
      unrepeated: [...leftOut].filter(({ part }) => part === 'repeat').length,
    });
  });

const explainViolations = async (
  { violations, pins, laboratory, stop }: Survey,
  { catalogue, matrix, onEvent }: CampaignOptions,
): Promise<readonly TracedFailure[]> => {
  tellSignatures(violations, onEvent);
  const onShrunk = (cause: Cause): void => {
    const known = expectationOf(cause.minimal, catalogue);
    const minimal = minimalForm(catalogue.axes, cause.minimal.config);
    onEvent({
      kind: 'failure-shrunk',
      id: failureId(cause.minimal),
      minimal,
      ...(known === undefined ? {} : { known: known.id }),
    });
  };
  const found = await findFailures(violations, investigation(laboratory, matrix, pins, stop, onShrunk));
  const confirmed = await confirmFailures(found, laboratory, stop, onEvent);
  return Promise.all(
    confirmed.map(async (failure) => traceLosses(await judgeStages(failure, laboratory, stop), laboratory)),
  );
};

/** Each signature once, as soon as it is seen. */
const tellSignatures = (violations: readonly Violation[], onEvent: OnEvent): void => {
  const distinct = new Map(violations.map((violation) => [violation.signatureId, violation.signature]));
  for (const [signature, { exception, message }] of distinct) {
    onEvent({ kind: 'failure-found', signature, message: `${exception}: ${message}` });
  }
  if (distinct.size > 0) onEvent({ kind: 'stage-started', stage: 'shrink', total: distinct.size });
};
