import * as z from 'zod';
import { lockSchema } from '../matrices/lock.ts';
import { phases } from '../matrices/phase.ts';
import type { ResolvedPin } from '../matrices/pin.ts';
import type { CampaignResult } from './campaign.ts';
import { failureId } from './failure-id.ts';
import type { Ledger } from './ledger.ts';

const executorKind = z.enum(['local', 'docker']);
export type ExecutorKind = z.infer<typeof executorKind>;

const pinSchema: z.ZodType<ResolvedPin> = z.strictObject({
  id: z.string(),
  device: z.enum(['cpu', 'cuda']),
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('lock'), lock: lockSchema }),
    z.strictObject({ kind: z.literal('interpreter'), path: z.string() }),
    z.strictObject({
      kind: z.literal('tree'),
      lock: lockSchema,
      package: z.string(),
      path: z.string(),
      commit: z.string().exactOptional(),
    }),
  ]),
});

/** What the ledger keeps of a failure: enough to run it again on another day, without the matrix that found it. */
const failureRecordSchema = z.strictObject({
  id: z.string(),
  /** Where it was found last. */
  executor: executorKind.default('local'),
  /** What the images of the containers were built on, if that was said. */
  baseImage: z.string().exactOptional(),
  pin: pinSchema,
  /** The pin that its numbers were compared with, if it was compared with one. */
  baseline: pinSchema.exactOptional(),
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  signature: z.strictObject({
    property: z.string(),
    phase: z.enum(phases),
    exception: z.string(),
    message: z.string(),
    frames: z.array(z.string()),
  }),
  signatureId: z.string(),
});
export type FailureRecord = z.infer<typeof failureRecordSchema>;

export const recordFailures = (
  ledger: Ledger,
  { failures, baselineOf }: Pick<CampaignResult, 'failures' | 'baselineOf'>,
  executor: string,
  baseImage: string | undefined,
): void => {
  const place = { executor, ...(baseImage === undefined ? {} : { baseImage }) };
  for (const failure of failures) {
    const { ready, config, signature, signatureId } = failure.minimal;
    const id = failureId(failure);
    const baseline = baselineOf(ready)?.pin;
    const pins = { pin: ready.pin, ...(baseline === undefined ? {} : { baseline }) };
    ledger.recordFailure(id, { id, ...place, ...pins, config, signature, signatureId });
  }
};

/** The failures whose id begins so. */
export const findFailureRecords = (ledger: Ledger, idStart: string): readonly FailureRecord[] =>
  ledger.findFailures(idStart).map((record) => failureRecordSchema.parse(record));
