import type { Catalogue } from '../matrices/catalogue.ts';
import { matchExpectation } from '../matrices/expectation.ts';
import { minimalForm } from '../matrices/normalise.ts';
import type { Failure } from '../reports/report-model.ts';
import { failureId } from './failure-id.ts';
import { violationName, type Cause, type Violation } from './find-failures.ts';
import type { TracedFailure } from './trace-losses.ts';

/** One failure as the report tells it; `pinOrder` holds the ids of the campaign's pins, `planned` names its violations. */
export const reportFailure = (
  failure: TracedFailure,
  catalogue: Catalogue,
  pinOrder: readonly string[],
  planned: ReadonlySet<string>,
): Failure => {
  const { minimal, cells } = failure;
  const { property, phase, exception, message, frames } = minimal.signature;
  const id = failureId(failure.minimal);
  const known = expectationOf(failure, catalogue);
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
    ...(known === undefined ? {} : { known }),
  };
};

/** The known issue that names a failure, by its minimal cell. */
export const expectationOf = ({ minimal }: Pick<Cause, 'minimal'>, catalogue: Catalogue): Failure['known'] => {
  const found = matchExpectation(failureLike(minimal), catalogue.expectations);
  return found && { id: found.id, kind: found.kind, title: found.title, link: found.link };
};

/** A violation, as known issues and other lists of looks are matched with it. */
export const failureLike = ({
  signature,
  detail,
  config,
  ready,
}: Violation): Parameters<typeof matchExpectation>[0] => ({
  property: signature.property,
  phase: signature.phase,
  exception: signature.exception,
  message: `${signature.message}\n${detail}`,
  config,
  versions: ready.hello.versions,
});
