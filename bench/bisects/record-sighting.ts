import { localExecutor } from '../../containers/local/local-executor.ts';
import { failureId } from '../../harness/failure-id.ts';
import type { FailureRecord } from '../../harness/failure-record.ts';
import type { Violation } from '../../harness/find-failures.ts';
import { importViolations } from '../../harness/import-violation.ts';
import type { Interruption } from '../../harness/interruption.ts';
import { judgeConfig } from '../../harness/judge-config.ts';
import type { Ledger } from '../../harness/ledger.ts';
import { openLaboratory } from '../../harness/open-laboratory.ts';
import { preparePins } from '../../harness/prepare-pins.ts';
import { readyPin } from '../../harness/ready-pins.ts';
import type { Catalogue } from '../../matrices/catalogue.ts';
import type { Matrix } from '../../matrices/matrix.ts';
import { normalise } from '../../matrices/normalise.ts';
import type { ResolvedPin } from '../../matrices/pin.ts';
import type { PinSpec } from '../../matrices/pin-schema.ts';
import { allProperties } from '../../properties/all.ts';
import type { OnEvent } from '../../reports/events.ts';
import { looksLike } from '../score/sightings.ts';
import type { Case } from './cases.ts';

export interface RecordOptions {
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
  readonly resultsPath: string;
  readonly interruption: Interruption;
  readonly onEvent: OnEvent;
  /** The matrix of one pin, and the file beside which its locks lie. */
  readonly matrixOf: (pin: PinSpec) => Matrix;
  readonly matrixPath: string;
}

/**
 * The failure that a case stands for, as a campaign on that pin would have recorded it; undefined where the pin does not show
 * it.
 */
export const recordSighting = async (
  { sign, minimal, peft }: Case,
  transformers: string,
  options: RecordOptions,
): Promise<FailureRecord | undefined> => {
  const { catalogue, ledger, onEvent, interruption } = options;
  const matrix = options.matrixOf({ peft, transformers, python: '3.11', torch: '2.13.0', device: 'cpu' });
  const [prepared] = await preparePins(matrix, { ...options, signal: interruption.abort });
  if (prepared?.kind !== 'resolved') return undefined;
  const { stop, abort } = interruption;
  await using open = openLaboratory({ catalogue, executor: localExecutor(), ledger, onEvent, stop, abort });
  const state = await readyPin(prepared.pin, open.pool, ledger, onEvent);
  const violations =
    state.kind === 'ready'
      ? (
          await judgeConfig(open.laboratory, state.ready, normalise(catalogue.axes, minimal), {
            properties: allProperties,
            by: open.laboratory.run,
          })
        ).violations
      : importViolations([state]);
  const violation = violations.find((each) => looksLike(each, sign));
  return violation === undefined ? undefined : recordOf(violation, prepared.pin);
};

const recordOf = (violation: Violation, pin: ResolvedPin): FailureRecord => {
  const { config, signature, signatureId } = violation;
  return {
    id: failureId(violation),
    executor: 'local',
    pin,
    config: { ...config },
    signature: { ...signature, frames: [...signature.frames] },
    signatureId,
  };
};
