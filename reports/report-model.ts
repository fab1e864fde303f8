import * as z from 'zod';

const config = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const count = z.int().nonnegative();

const countsSchema = z.strictObject({
  cells: count,
  pass: count,
  fail: count,
  flaky: count,
  unsupported: count,
  skipped: count,
  broken: count,
});
export type Counts = z.infer<typeof countsSchema>;

const pinSchema = z.strictObject({
  id: z.string(),
  device: z.enum(['cpu', 'cuda']),
  /** Hash of the lock; absent for an interpreter that is taken as it is. */
  lock: z.string().optional(),
  interpreter: z.string().optional(),
  /** python and the watched packages, as the environment reported them; empty when it could not be opened. */
  versions: z.record(z.string(), z.string()),
  /** Why the pin could not be asked, in the tool's own words. */
  broken: z.string().optional(),
  counts: countsSchema,
});

const failureSchema = z.strictObject({
  /** Short hash of signature and minimal config: the same failure has the same id on every machine. */
  id: z.string(),
  /** Short hash of the signature alone. */
  signature: z.string(),
  property: z.string(),
  phase: z.string(),
  exception: z.string(),
  message: z.string(),
  frames: z.array(z.string()),
  /** The whole message or figures of the minimal cell, for people. */
  detail: z.string(),
  /** Pins that showed it, in the campaign's order. */
  pins: z.array(z.string()),
  /** Number of cells of the campaign that show it. */
  cells: count,
  /** The minimal config, only the values that differ from the defaults; empty for a pin that cannot be imported. */
  minimal: config,
  /** The minimal config with every value. */
  config,
  /** Per field of `minimal`: the values that fail in the same way, everything else held. */
  fails: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()]))),
  /** Paste-ready command that shows the same signature again. */
  replay: z.string(),
  /** A second run, in a cold process: the same signature, another verdict (flaky), or not done. */
  confirmed: z.enum(['yes', 'no', 'not-run']),
  /** The expectation that names it. */
  known: z
    .strictObject({
      id: z.string(),
      kind: z.enum(['bug', 'by-design', 'limitation']),
      title: z.string(),
      link: z.string(),
    })
    .optional(),
});
export type Failure = z.infer<typeof failureSchema>;

/** `report.json`: everything that the other reports show. They know neither ledger nor executor. */
export const reportSchema = z.strictObject({
  version: z.literal(1),
  campaign: z.strictObject({
    id: z.string(),
    matrix: z.string(),
    seed: z.int(),
    strength: z.int(),
    executor: z.string(),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime(),
    /** False when it was interrupted or its budget ended before the covering part of the plan was done. */
    complete: z.boolean(),
    /** Cells that this run executed, and that it found in the ledger. */
    ran: count,
    reused: count,
  }),
  pins: z.array(pinSchema),
  counts: countsSchema,
  /** Of the t-way combinations of the matrix, per pin added up. */
  coverage: z.strictObject({ combinations: count, covered: count, impossible: count }),
  failures: z.array(failureSchema),
  /** Cells that gave different verdicts when they were run again, with the property and its rate. */
  flaky: z.array(z.strictObject({ pin: z.string(), config, property: z.string(), attempts: count, failed: count })),
  /** Why cells were unsupported or skipped: reason to number of cells. */
  unsupported: z.record(z.string(), count),
  skipped: z.record(z.string(), count),
  /** Expectations that this campaign put to the test. `stale`: it ran and did not fail; that is red. */
  expectations: z.array(
    z.strictObject({ id: z.string(), title: z.string(), state: z.enum(['seen', 'stale', 'not-run']) }),
  ),
});
export type Report = z.infer<typeof reportSchema>;
