import type { Catalogue } from '../matrices/catalogue.ts';
import { concernsCell, matchExpectation } from '../matrices/expectation.ts';
import { lockId } from '../matrices/lock.ts';
import type { Matrix } from '../matrices/matrix.ts';
import { minimalForm } from '../matrices/normalise.ts';
import type { Counts, Failure, Report, ReportedPin } from '../reports/report-model.ts';
import type { ConfirmedFailure } from './confirm.ts';
import { failureId } from './failure-id.ts';
import type { Violation } from './find-failures.ts';
import type { Judged } from './judge-config.ts';
import type { Plan } from './plan.ts';
import type { PreparedPin } from './prepare-pins.ts';
import type { PinState } from './ready-pins.ts';

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
  readonly failures: readonly ConfirmedFailure[];
  /** ISO timestamps. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly ran: number;
  readonly reused: number;
  readonly isComplete: boolean;
  readonly isInterrupted: boolean;
}

/** The read model of a campaign. Apart from times and from what was run or reused, the same ledger gives the same report. */
export const makeReport = (input: ReportInput): Report => {
  const { id, matrix, executor, startedAt, finishedAt, ran, reused, isComplete, isInterrupted } = input;
  const failures = input.failures.filter(({ confirmed }) => confirmed !== 'no');
  const cells = countCells(input, failures);
  return {
    version: 1,
    campaign: {
      ...{ id, matrix: matrix.name, seed: matrix.seed, strength: matrix.strength, executor },
      ...{ startedAt, finishedAt, complete: isComplete, interrupted: isInterrupted, ran, reused },
    },
    pins: input.prepared.map((pin) => toPin(pin, input, cells)),
    counts: addUp(cells.map(({ counts }) => counts)),
    coverage: input.plan.coverage,
    failures: failures.map((failure) => toFailure(failure, input.catalogue, input.prepared)),
    flaky: flakyCells(input),
    unsupported: reasons(input, 'unsupported'),
    skipped: reasons(input, 'skipped'),
    broken: reasons(input, 'broken'),
    expectations: expectationStates(input, failures),
  };
};

/** One failure as the report tells it. */
export const toFailure = (
  failure: ConfirmedFailure,
  catalogue: Catalogue,
  prepared: readonly PreparedPin[] = [],
): Failure => {
  const { minimal, cells, fails, confirmed } = failure;
  const id = failureId(failure);
  const known = expectationOf(failure, catalogue);
  const { property, phase, exception, message, frames } = minimal.signature;
  return {
    ...{ id, signature: minimal.signatureId, property, phase, exception, message, frames: [...frames] },
    detail: minimal.detail,
    pins: pinsOf(cells, prepared),
    cells: cells.length,
    minimal: minimalForm(catalogue.axes, minimal.config),
    config: minimal.config,
    fails,
    replay: `npx peft-matrix replay ${id}`,
    confirmed,
    ...(known === undefined ? {} : { known }),
  };
};

const expectationOf = ({ minimal }: Pick<ConfirmedFailure, 'minimal'>, catalogue: Catalogue): Failure['known'] => {
  const found = matchExpectation(failureLike(minimal), catalogue.expectations);
  return found && { id: found.id, kind: found.kind, title: found.title, link: found.link };
};

const failureLike = ({ signature, detail, config, ready }: Violation): Parameters<typeof matchExpectation>[0] => ({
  ...{ property: signature.property, phase: signature.phase, exception: signature.exception },
  ...{ message: `${signature.message}\n${detail}`, config, versions: ready.hello.versions },
});

/** In the order of the campaign. */
const pinsOf = (cells: readonly Violation[], prepared: readonly PreparedPin[]): string[] => {
  const names = [...new Set(cells.map(({ ready }) => ready.pin.id))];
  const order = prepared.map(pinId);
  return names.toSorted((left, right) => order.indexOf(left) - order.indexOf(right));
};

const pinId = (pin: PreparedPin): string => (pin.kind === 'resolved' ? pin.pin.id : pin.id);

interface PinCount {
  readonly pin: string;
  readonly counts: Counts;
}

const noCells: Counts = { cells: 0, pass: 0, fail: 0, known: 0, flaky: 0, unsupported: 0, skipped: 0, broken: 0 };

/** Every judged cell and every excluded config, by pin. */
const countCells = (
  { prepared, judged, plan, catalogue }: ReportInput,
  failures: readonly ConfirmedFailure[],
): readonly PinCount[] => {
  const isKnown = knownCells(failures, catalogue);
  return prepared.map((pin) => {
    const ran = judged.filter(({ ready }) => ready.pin.id === pinId(pin)).map((cell) => countOne(cell, isKnown));
    const excluded = plan.excluded
      .filter(({ ready }) => ready.pin.id === pinId(pin))
      .map(({ because }) => ({ ...noCells, cells: 1, [because.kind === 'removed' ? 'fail' : because.kind]: 1 }));
    return { pin: pinId(pin), counts: addUp([...ran, ...excluded]) };
  });
};

const countOne = (cell: Judged, isKnown: (cell: Judged) => boolean): Counts => ({
  ...noCells,
  cells: 1,
  [cell.verdict.kind]: 1,
  ...(cell.verdict.kind === 'fail' && isKnown(cell) ? { known: 1 } : {}),
});

/** A cell is known when every one of its violations belongs to a failure that an expectation names. */
const knownCells = (failures: readonly ConfirmedFailure[], catalogue: Catalogue): ((cell: Judged) => boolean) => {
  const named = new Set(
    failures
      .filter((failure) => expectationOf(failure, catalogue) !== undefined)
      .flatMap(({ cells }) => cells.map(violationName)),
  );
  return ({ violations }) => violations.every((violation) => named.has(violationName(violation)));
};

const violationName = ({ ready, config, signatureId }: Violation): string =>
  `${ready.pin.id} ${signatureId} ${JSON.stringify(config)}`;

const addUp = (parts: readonly Counts[]): Counts => {
  const total: Record<keyof Counts, number> = { ...noCells };
  for (const part of parts) for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += part[key];
  return total;
};

const toPin = (pin: PreparedPin, { states }: ReportInput, cells: readonly PinCount[]): ReportedPin => {
  const counts = cells.find((count) => count.pin === pinId(pin))?.counts ?? noCells;
  if (pin.kind === 'broken') return { id: pin.id, device: pin.device, versions: {}, broken: pin.reason, counts };
  const { id, device, source } = pin.pin;
  const state = states.find((candidate) => stateId(candidate) === id);
  return {
    ...{ id, device, counts, versions: state === undefined ? {} : versionsOf(state) },
    ...(source.kind === 'lock' ? { lock: lockId(source.lock) } : { interpreter: source.path }),
    ...(state?.kind === 'broken' ? { broken: state.reason } : {}),
  };
};

const stateId = (state: PinState): string => (state.kind === 'ready' ? state.ready.pin.id : state.pin.id);

const versionsOf = (state: PinState): Readonly<Record<string, string>> => {
  if (state.kind === 'ready') return state.ready.hello.versions;
  return state.kind === 'import-failed' ? state.failure.versions : {};
};

/** Cells whose two runs disagreed, and failures that a cold run did not show again. */
const flakyCells = ({ judged, failures }: ReportInput): Report['flaky'] => [
  ...judged.flatMap(({ ready, config, verdict }) =>
    verdict.kind === 'flaky'
      ? [{ pin: ready.pin.id, config, property: 'same-seed-same-run', attempts: 2, failed: 1 }]
      : [],
  ),
  ...failures
    .filter(({ confirmed }) => confirmed === 'no')
    .map(({ minimal: { ready, config, signature } }) => ({
      ...{ pin: ready.pin.id, config, property: signature.property, attempts: 2, failed: 1 },
    })),
];

const reasons = (
  { judged, plan }: ReportInput,
  kind: 'unsupported' | 'skipped' | 'broken',
): Readonly<Record<string, number>> => {
  const texts = [
    ...judged.flatMap(({ verdict }) => (verdict.kind === kind ? [verdict.reason] : [])),
    ...plan.excluded.flatMap(({ because }) => (because.kind === kind ? [because.because] : [])),
  ];
  const counted: Record<string, number> = {};
  for (const text of texts.toSorted()) counted[text] = (counted[text] ?? 0) + 1;
  return counted;
};

/**
 * `seen`: a failure is named by it. `stale`: a cell that it speaks of was run to the end, and no failure is named by it.
 */
const expectationStates = (
  { catalogue, judged, isComplete, isInterrupted }: ReportInput,
  failures: readonly ConfirmedFailure[],
): Report['expectations'] => {
  const isConclusive = isComplete && !isInterrupted;
  const seen = new Set(failures.map((failure) => expectationOf(failure, catalogue)?.id));
  const asked = judged.filter(({ verdict }) => verdict.kind === 'pass' || verdict.kind === 'fail');
  return catalogue.expectations.map((expectation) => {
    const { id, title } = expectation;
    if (seen.has(id)) return { id, title, state: 'seen' };
    const concerned = asked.some(({ config, ready }) => concernsCell(expectation, config, ready.hello.versions));
    return { id, title, state: concerned && isConclusive ? 'stale' : 'not-run' };
  });
};
