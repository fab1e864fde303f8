import type { Catalogue } from '../matrices/catalogue.ts';
import { minimalForm } from '../matrices/normalise.ts';
import type { Failure } from '../reports/report-model.ts';
import { failureId } from './failure-id.ts';
import { violationName } from './find-failures.ts';
import type { Naming } from './name-failure.ts';
import type { TracedFailure } from './trace-losses.ts';

/** A failure, and what known issues say of it. */
export interface NamedFailure {
  readonly failure: TracedFailure;
  readonly naming: Naming;
}

/** One failure as the report tells it; `pinOrder` holds the ids of the campaign's pins, `planned` names its violations. */
export const reportFailure = (
  { failure, naming }: NamedFailure,
  catalogue: Catalogue,
  pinOrder: readonly string[],
  planned: ReadonlySet<string>,
): Failure => {
  const { minimal, cells } = failure;
  const { property, phase, exception, message, frames } = minimal.signature;
  const id = failureId(failure.minimal);
  return {
    id,
    signature: minimal.signatureId,
    property,
    phase,
    exception,
    message,
    frames,
    detail: minimal.detail,
    pins: pinOrder.filter((pin) => cells.some(({ ready }) => ready.pin.id === pin)),
    cells: cells.filter((cell) => planned.has(violationName(cell))).length,
    minimal: minimalForm(catalogue.axes, minimal.config),
    config: minimal.config,
    fails: failure.fails,
    replay: `npx peft-matrix replay ${id}`,
    confirmed: failure.confirmed,
    ...(failure.stages === undefined ? {} : { stages: failure.stages }),
    ...(failure.losses === undefined ? {} : { losses: failure.losses }),
    ...naming,
  };
};
