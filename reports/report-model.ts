import * as z from 'zod';
import { boundarySchema } from './bisect-model.ts';
import type { DeepReadonly } from './deep-readonly.ts';

const axisValue = z.union([z.string(), z.number(), z.boolean()]);
const config = z.record(z.string(), axisValue);
const count = z.int().nonnegative();

const countsSchema = z.strictObject({
  cells: count,
  pass: count,
  fail: count.describe('Cells with at least one failure, known ones included.'),
  known: count.describe('Of `fail`: cells whose every failure is named by an expectation.'),
  flaky: count,
  unsupported: count.describe('The release does not offer it, or refuses it.'),
  skipped: count.describe('We chose not to run it.'),
  broken: count.describe('It could not be asked: counted neither as good nor as bad.'),
});
export type Counts = DeepReadonly<z.infer<typeof countsSchema>>;

const pinSchema = z.strictObject({
  id: z.string(),
  device: z.enum(['cpu', 'cuda']),
  lock: z.string().optional().describe('Hash of the lock; absent for an interpreter that is taken as it is.'),
  interpreter: z.string().optional(),
  versions: z
    .record(z.string(), z.string())
    .describe('python and the watched packages, as the environment reported them; empty when it could not be opened.'),
  broken: z.string().optional().describe("Why the pin could not be asked, in the tool's own words."),
  skipped: z.string().optional().describe('Why we chose not to ask the pin, such as a GPU that is not there.'),
  notCovered: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'Config classes of methods that its PEFT offers and that no adapter of the data names; absent where there are none.',
    ),
  counts: countsSchema,
});
export type ReportedPin = DeepReadonly<z.infer<typeof pinSchema>>;

const stageSchema = z.strictObject({
  verdict: z.enum(['pass', 'fail', 'flaky', 'unsupported', 'skipped', 'broken']),
  violates: z.array(z.string()).describe('Properties that it violates.'),
});

const lossesSchema = z.array(z.number().nullable()).describe('Mean loss of each step; null where it is not finite.');

/** Losses of a failing cell, and of what its property compares it with. */
export const lossCurvesSchema = z.strictObject({
  cell: lossesSchema,
  references: z
    .array(
      z.strictObject({
        what: z
          .string()
          .describe('What it is beside the cell: `sharding=none`, `on peft-0.20.0`, `the same once more`.'),
        losses: lossesSchema,
      }),
    )
    .min(1),
});
export type LossCurves = DeepReadonly<z.infer<typeof lossCurvesSchema>>;

export const knownIssueSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(['bug', 'by-design', 'limitation']),
  title: z.string(),
  link: z.string(),
});
export type KnownIssue = DeepReadonly<z.infer<typeof knownIssueSchema>>;

/** A failure, in `report.json` and in the record of a night. */
export const failureSchema = z.strictObject({
  id: z
    .string()
    .describe('Short hash of signature and minimal config: the same failure has the same id on every machine.'),
  signature: z.string().describe('Short hash of the signature alone.'),
  property: z.string(),
  phase: z.string(),
  exception: z.string(),
  message: z.string(),
  frames: z.array(z.string()).describe('Innermost library frames, innermost first.'),
  detail: z.string().describe('The whole message or figures of the minimal cell, for people.'),
  pins: z.array(z.string()).describe("Pins that showed it, in the campaign's order."),
  cells: count.describe('Number of cells of the plan that show it. 0: it was met while shrinking, and is not red.'),
  minimal: config.describe(
    'The minimal config, only the values that differ from the defaults; empty for a pin that cannot be imported.',
  ),
  config: config.describe('The minimal config with every value.'),
  fails: z
    .record(z.string(), z.array(axisValue))
    .describe('Per field of `minimal`: the values that fail in the same way, everything else held.'),
  replay: z.string().describe('Paste-ready command that shows the same signature again.'),
  confirmed: z
    .enum(['yes', 'no', 'not-run'])
    .describe('A second run, in a cold process: the same signature, another verdict, or not done.'),
  stages: z
    .strictObject({ adapter: stageSchema, sharding: stageSchema })
    .optional()
    .describe('Where the minimal config both adapts and shards: what the same comes to without the other.'),
  losses: lossCurvesSchema
    .optional()
    .describe('Where its property compares the minimal cell with other runs, and both have losses.'),
  known: knownIssueSchema
    .optional()
    .describe('The expectation that names its minimal cell, where every cell of the plan that shows it has a name.'),
  alsoKnown: z
    .array(knownIssueSchema)
    .optional()
    .describe('Other expectations, which name those of its cells that `known` does not speak of.'),
  knownInPart: knownIssueSchema
    .extend({
      beyond: z
        .array(z.string())
        .min(1)
        .describe('What no expectation names: `adapter=hra on peft-0.18.0`, or `on peft-0.20.0` alone.'),
    })
    .optional()
    .describe(
      'An expectation that names some of its cells, where another, or its minimal cell, has no name: so it is not known.',
    ),
  since: boundarySchema.optional().describe('The release since which it shows; known after a bisect.'),
  fixedIn: boundarySchema.optional().describe('The release from which on it does not show; known after a bisect.'),
});
export type Failure = DeepReadonly<z.infer<typeof failureSchema>>;

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
    complete: z
      .boolean()
      .describe(
        'False when it was interrupted or its budget ended before everything was asked that the plan was to cover.',
      ),
    interrupted: z.boolean().optional().describe('True when the user stopped it.'),
    unrepeated: count
      .optional()
      .describe('Second runs, which would show whether the same seed gives the same run, that were left out.'),
    ran: count.describe('Cells that this run executed.'),
    reused: count.describe('Cells that it found in the ledger.'),
  }),
  pins: z.array(pinSchema),
  counts: countsSchema,
  coverage: z
    .strictObject({ combinations: count, covered: count, impossible: count })
    .describe(
      'All t-way combinations of the matrix, added up over pins; how many of them are covered, and how many no config can have.',
    ),
  failures: z.array(failureSchema),
  flaky: z
    .array(z.strictObject({ pin: z.string(), config, property: z.string(), attempts: count, failed: count }))
    .describe('Cells that gave different verdicts when they were run again, with the property and its rate.'),
  unsupported: z.record(z.string(), count).describe('Why cells were unsupported: reason to number of cells.'),
  skipped: z.record(z.string(), count).describe('Why cells were skipped: reason to number of cells.'),
  broken: z.record(z.string(), count).optional().describe('Why cells of an open pin were broken: reason to number.'),
  expectations: z
    .array(
      z.strictObject({
        id: z.string(),
        title: z.string(),
        file: z.string().optional().describe('Where it is written; absent for those that come with peft-matrix.'),
        state: z.enum(['seen', 'stale', 'not-run']),
      }),
    )
    .describe('Expectations that this campaign put to the test. `stale`: it ran and did not fail; that is red.'),
  refusals: z
    .array(z.strictObject({ id: z.string(), because: z.string(), state: z.enum(['seen', 'stale', 'not-run']) }))
    .describe('What PEFT refuses on purpose. `stale`: a cell that should have been refused was not; that is red.'),
});
export type Report = DeepReadonly<z.infer<typeof reportSchema>>;

/** JSON Schema of `report.json`, as published in `reports/schema/report.json`. */
export const reportJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix report',
  ...z.toJSONSchema(reportSchema),
});
