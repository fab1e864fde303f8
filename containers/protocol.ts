import * as z from 'zod';
import { cellRequestSchema, checkpointFilesSchema } from './cell-request.ts';
import { observationSchema } from './observation.ts';

/**
 * JSON lines between harness and probe. stdin carries requests, stdout carries replies; whatever libraries print goes to
 * stderr. The probe ends when stdin closes.
 */

/** Raise when an observation of the same cell would read differently: it is part of every ledger key. */
export const probeSemantics = 7;

/** The first line that a probe writes. */
export const helloSchema = z.strictObject({
  hello: z.strictObject({
    semantics: z.int(),
    /** python and the watched packages that are installed. */
    versions: z.record(z.string(), z.string()),
    device: z.enum(['cpu', 'cuda']),
    devices: z.int(),
    configClasses: z.record(z.string(), z.array(z.string())),
    dtypes: z.array(z.string()),
    lstmDtypes: z.array(z.string()),
    shardings: z.array(z.string()),
    /** Modules that the parent imported for its children, beyond torch, transformers and PEFT themselves, in that order. */
    preloaded: z.array(z.string()),
    /** Everything else worth knowing of the machine: cpu model, cores, torch threads; `gpu0`, `gpu0Uuid`, ..., `cuda`, `driver`. */
    machine: z.record(z.string(), z.union([z.string(), z.number()])),
    /** Resident set of the parent, in bytes. */
    residentBytes: z.int(),
    /** Time that importing took, in milliseconds. */
    importMs: z.number(),
  }),
});
export type Hello = z.infer<typeof helloSchema>['hello'];

/** Instead of the first line, when torch, transformers or PEFT cannot be imported. The probe then exits with 3. */
const importFailureSchema = z.strictObject({
  importFailure: z.strictObject({
    versions: z.record(z.string(), z.string()),
    type: z.string(),
    message: z.string(),
    frames: z.array(z.strictObject({ file: z.string(), function: z.string(), line: z.int() })),
  }),
});
export type ImportFailure = z.infer<typeof importFailureSchema>['importFailure'];

export const firstLineSchema = z.union([helloSchema, importFailureSchema]);

/** A cell to run. Several may be under way; each is answered once, in whatever order they end. */
const runRequestSchema = z.strictObject({
  id: z.int(),
  run: cellRequestSchema,
  /**
   * The GPU of each rank, as the probe numbers them; one for all ranks when there are too few. The cell sees these alone,
   * numbered from 0: on which devices a cell runs is no part of what it is.
   */
  devices: z.array(z.int().nonnegative()).optional(),
});
/** Kill the ranks of a cell that is under way. It is answered with `cancelled`. */
const cancelRequestSchema = z.strictObject({ cancel: z.int() });
export type Request = z.infer<typeof runRequestSchema> | z.infer<typeof cancelRequestSchema>;

export const replySchema = z.union([
  z.strictObject({
    id: z.int(),
    observation: observationSchema,
    provenance: z.record(z.string(), z.unknown()),
    /** The checkpoint that the phase `save` of an adapter on one process wrote. */
    files: checkpointFilesSchema.optional(),
  }),
  z.strictObject({ id: z.int(), cancelled: z.literal(true) }),
  /** The request could not be read, or the probe itself failed: never a fact about the cell. */
  z.strictObject({ id: z.nullable(z.int()), error: z.string() }),
]);
