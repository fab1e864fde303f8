import * as z from 'zod';
import type { Config } from '../matrices/config.ts';
import { lockSchema } from '../matrices/lock.ts';
import { phases } from '../matrices/phase.ts';
import type { ResolvedPin } from '../matrices/pin.ts';
import type { CampaignResult } from './campaign.ts';
import { failureId } from './failure-id.ts';
import type { Ledger } from './ledger.ts';

const executorKind = z.enum(['local', 'docker']);
export type ExecutorKind = z.infer<typeof executorKind>;

/** Where cells ran: what was said of it, not what holds where nothing is said. */
const placeSchema = z.strictObject({
  executor: executorKind.default('local'),
  /** What the images of the containers were built on. */
  baseImage: z.string().exactOptional(),
  /** GiB of a container. */
  memory: z.number().exactOptional(),
  pids: z.number().exactOptional(),
  cpus: z.number().exactOptional(),
  /** GiB of shared memory of a container. */
  shm: z.number().exactOptional(),
});
export type Place = z.infer<typeof placeSchema>;

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
      git: z.string().exactOptional(),
    }),
  ]),
});

/** What the ledger keeps of a failure: enough to run it again on another day, without the matrix that found it. */
const failureRecordSchema = z.strictObject({
  id: z.string(),
  /** Where it was found last. */
  ...placeSchema.shape,
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
  place: Place,
): void => {
  for (const failure of failures) {
    const { ready, config, signature, signatureId } = failure.minimal;
    const id = failureId(failure.minimal);
    const baseline = baselineOf(ready)?.pin;
    const pins = { pin: ready.pin, ...(baseline === undefined ? {} : { baseline }) };
    ledger.recordFailure(id, { id, ...place, ...pins, config, signature, signatureId });
  }
};

/** Records a failure at another config, too, on this pin, under an id of its own. */
export const recordElsewhere = (
  ledger: Ledger,
  record: FailureRecord,
  pin: ResolvedPin,
  config: Config,
): FailureRecord => {
  const id = failureId({ ...record, config });
  const elsewhere = { ...record, id, pin, config };
  ledger.recordFailure(id, elsewhere);
  return elsewhere;
};

/** The failures whose id begins so. */
export const findFailureRecords = (ledger: Ledger, idStart: string): readonly FailureRecord[] =>
  ledger.findFailures(idStart).map((record) => failureRecordSchema.parse(record));

/** Of all that a command or a record says, where cells run. */
export const placeOf = ({ executor = 'local', baseImage, memory, pids, cpus, shm }: Partial<Place>): Place => {
  const limits = { baseImage, memory, pids, cpus, shm };
  return placeSchema.parse({
    executor,
    ...Object.fromEntries(Object.entries(limits).filter(([, value]) => executor === 'docker' && value !== undefined)),
  });
};
