import type { Catalogue } from '../matrices/catalogue.ts';
import { concernsCell } from '../matrices/expectation.ts';
import { shouldHaveRefused } from '../matrices/refusal.ts';
import { lockId } from '../matrices/lock.ts';
import { matrixAxes, type Matrix } from '../matrices/matrix.ts';
import { notCovered } from '../matrices/not-covered.ts';
import { coverageOf } from '../properties/combinations.ts';
import { noCells } from '../reports/no-cells.ts';
import type { Report, ReportedPin } from '../reports/report-model.ts';
import type { ReadyPin } from './cell.ts';
import { cutCells, noRoom } from './cut-cells.ts';
import { addCounts, countCells, knownCells } from './count-cells.ts';
import { violationName, type Violation } from './find-failures.ts';
import type { Judged } from './judge-config.ts';
import { expectationOf, nameFailure } from './name-failure.ts';
import type { Plan } from './plan.ts';
import { pinIdOf, type PreparedPin } from './prepare-pins.ts';
import type { PinState } from './ready-pins.ts';
import { reportFailure } from './report-failure.ts';
import type { TracedFailure } from './trace-losses.ts';
import { withoutUnconfirmed } from './without-unconfirmed.ts';

/** All that a report is made from. */
export interface ReportInput {
  readonly id: string;
  readonly matrix: Matrix;
  readonly catalogue: Catalogue;
  readonly executor: string;
  readonly prepared: readonly PreparedPin[];
  readonly states: readonly PinState[];
  readonly plan: Plan;
  readonly judged: readonly Judged[];
  /** Of the cells of the plan; what shrinking met elsewhere is not among them. */
  readonly violations: readonly Violation[];
  readonly failures: readonly TracedFailure[];
  /** ISO timestamps. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly ran: number;
  readonly reused: number;
  readonly isComplete: boolean;
  readonly unrepeated: number;
  readonly isInterrupted: boolean;
}

/**
 * The read model of a campaign. Apart from times and from what was run or reused, the same ledger gives the same report.
 */
export const makeReport = (input: ReportInput): Report => {
  const { matrix, catalogue, prepared } = input;
  // A failure that a second run did not show is no failure: it is listed as flaky.
  const failures = input.failures.filter(({ confirmed }) => confirmed !== 'no');
  const judged = withoutUnconfirmed(input);
  const order = prepared.map(pinIdOf);
  const planned = new Set(input.violations.map(violationName));
  const named = failures.map((failure) => ({ failure, naming: nameFailure(failure, catalogue, planned) }));
  const isKnown = knownCells(named);
  const pins = prepared.map((pin) => reportPin(pin, { ...input, judged }, isKnown));
  return {
    version: 1,
    campaign: {
      id: input.id,
      matrix: matrix.name,
      seed: matrix.seed,
      strength: matrix.strength,
      executor: input.executor,
      startedAt: input.startedAt,
      finishedAt: input.finishedAt,
      complete: input.isComplete,
      interrupted: input.isInterrupted,
      ...(input.unrepeated > 0 ? { unrepeated: input.unrepeated } : {}),
      ran: input.ran,
      reused: input.reused,
    },
    pins,
    counts: pins.map(({ counts }) => counts).reduce(addCounts, noCells),
    coverage: { ...input.plan.coverage, covered: combinationsShown(input) },
    failures: named.map((failure) => reportFailure(failure, catalogue, order, planned)),
    flaky: flakyCells(input),
    unsupported: reasons(input, 'unsupported'),
    skipped: reasons(input, 'skipped'),
    broken: reasons(input, 'broken'),
    expectations: expectationStates(input, failures),
    refusals: refusalStates(input),
  };
};

const reportPin = (
  pin: PreparedPin,
  { states, judged, plan, catalogue }: ReportInput,
  isKnown: (cell: Judged) => boolean,
): ReportedPin => {
  if (pin.kind === 'broken') {
    return { id: pin.id, device: pin.device, versions: {}, broken: pin.reason, counts: noCells };
  }
  const { id, device, source } = pin.pin;
  const isHere = ({ ready }: Pick<Judged, 'ready'>): boolean => ready.pin.id === id;
  const state = states.find((candidate) => stateId(candidate) === id);
  return {
    id,
    device,
    counts: countCells(
      judged.filter(isHere),
      plan.excluded.filter(isHere),
      cutCells(plan).filter(isHere).length,
      isKnown,
    ),
    versions: state === undefined ? {} : versionsOf(state),
    ...(source.kind === 'interpreter' ? { interpreter: source.path } : { lock: lockId(source.lock) }),
    ...(state?.kind === 'broken' || state?.kind === 'skipped' ? { [state.kind]: state.reason } : {}),
    ...(state?.kind === 'ready' ? newMethods(catalogue, state.ready) : {}),
  };
};

const newMethods = (catalogue: Catalogue, { hello }: ReadyPin): Pick<ReportedPin, 'notCovered'> => {
  const methods = notCovered(catalogue, hello);
  return methods.length === 0 ? {} : { notCovered: methods };
};

/** Of the combinations of the matrix, how many a cell that was judged has, over all pins. */
const combinationsShown = ({ judged, matrix, catalogue, prepared }: ReportInput): number => {
  const axes = matrixAxes(catalogue.axes, matrix);
  const shown = judged.filter(({ verdict }) => verdict.kind !== 'broken' && verdict.kind !== 'skipped');
  return prepared
    .map((pin) => shown.filter(({ ready }) => ready.pin.id === pinIdOf(pin)).map(({ config }) => config))
    .map((configs) => coverageOf(axes, configs, matrix.strength).covered)
    .reduce((total, covered) => total + covered, 0);
};

const stateId = (state: PinState): string => (state.kind === 'ready' ? state.ready.pin.id : state.pin.id);

const versionsOf = (state: PinState): Readonly<Record<string, string>> => {
  if (state.kind === 'ready') return state.ready.hello.versions;
  return state.kind === 'import-failed' ? state.failure.versions : {};
};

/** Cells whose two runs disagreed, and failures that a cold run did not show again. */
const flakyCells = ({ judged, failures }: ReportInput): Report['flaky'] => [
  ...judged.flatMap(({ ready, config, verdict }) =>
    verdict.kind === 'flaky' ? [flakyCell(ready.pin.id, config, 'same-seed-same-run')] : [],
  ),
  ...failures
    .filter(({ confirmed }) => confirmed === 'no')
    .map(({ minimal: { ready, config, signature } }) => flakyCell(ready.pin.id, config, signature.property)),
];

/** Two attempts, of which one failed: more are not made. */
const flakyCell = (pin: string, config: Judged['config'], property: string): Report['flaky'][number] => ({
  pin,
  config,
  property,
  attempts: 2,
  failed: 1,
});

const reasons = (
  { judged, plan, matrix, isComplete }: ReportInput,
  kind: 'unsupported' | 'skipped' | 'broken',
): Readonly<Record<string, number>> => {
  const texts = [
    ...judged.flatMap(({ verdict }) => (verdict.kind === kind ? [verdict.reason] : [])),
    ...plan.excluded.flatMap(({ because }) => (because.kind === kind ? [because.because] : [])),
    ...(kind === 'skipped' ? cutCells(plan).map(() => noRoom(matrix, isComplete)) : []),
  ];
  const counted: Record<string, number> = {};
  for (const text of texts.toSorted()) counted[text] = (counted[text] ?? 0) + 1;
  return counted;
};

/**
 * `seen`: a failure or a cell is named by it. `stale`: a cell that it speaks of passed, its property had the evidence to say so,
 * and nothing is named by it. A cell that failed in another way says nothing: it may not have got as far.
 */
const expectationStates = (
  { catalogue, judged, violations, isComplete, isInterrupted }: ReportInput,
  failures: readonly TracedFailure[],
): Report['expectations'] => {
  const isConclusive = isComplete && !isInterrupted;
  // A failure goes by its minimal cell, which may be on a release that the known issue does not speak of.
  const shown = [...failures.map(({ minimal }) => minimal), ...violations];
  const seen = new Set(shown.map((violation) => expectationOf(violation, catalogue)?.id));
  const passed = judged.filter(({ verdict }) => verdict.kind === 'pass');
  return catalogue.expectations.map((expectation) => {
    const { id, title, file } = expectation;
    const entry = { id, title, ...(file === undefined ? {} : { file }) };
    if (seen.has(id)) return { ...entry, state: 'seen' };
    const concerned = passed.some(
      ({ config, ready, held }) =>
        held.includes(expectation.property) && concernsCell(expectation, config, ready.hello.versions),
    );
    return { ...entry, state: concerned && isConclusive ? 'stale' : 'not-run' };
  });
};

/** `seen`: PEFT raised it. `stale`: a cell that it speaks of got past where it should have been raised. */
const refusalStates = ({ catalogue, judged, isComplete, isInterrupted }: ReportInput): Report['refusals'] => {
  const seen = new Set(judged.flatMap(({ refused }) => refused));
  return catalogue.refusals.map((refusal) => {
    const { id, because } = refusal;
    if (seen.has(id)) return { id, because, state: 'seen' };
    const missed = judged.some(({ config, ready, finished }) =>
      shouldHaveRefused(refusal, config, ready.hello.versions, finished),
    );
    return { id, because, state: missed && isComplete && !isInterrupted ? 'stale' : 'not-run' };
  });
};
