import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import { knownIssueSchema } from '../report-model.ts';
import { formatLines } from '../text/format-lines.ts';
import { evidenceSchema, reasonSchema } from '../verdicts-model.ts';

const axisValue = z.union([z.string(), z.number(), z.boolean()]);
const config = z.record(z.string(), axisValue);
const count = z.int().nonnegative();
const index = z.int().nonnegative();

/**
 * What is known of a method on a release. Only runs make it `works`; nothing that was run is `unknown`, whatever may be
 * supposed of it.
 */
export const supportStates = ['works', 'partly', 'fails', 'not-offered', 'unknown'] as const;
export type SupportState = (typeof supportStates)[number];

const stateSchema = z
  .enum(supportStates)
  .describe(
    'works: every run passed. partly: some passed, or trained; some failed or were flaky. fails: every run failed, and none trained. not-offered: nothing was run, because the release does not offer it, or refused it. unknown: nothing was run.',
  );

const reasonCount = z.strictObject({ reason: index.describe('Index into `reasons`.'), cells: count });

const supportCellSchema = z.strictObject({
  state: stateSchema,
  pass: count.optional().describe('Runs that passed: cells, each once, however often it was run. Absent: none.'),
  fail: count.optional().describe('Runs that failed.'),
  trained: count
    .optional()
    .describe(
      'Of the runs that failed, those that trained, were saved, loaded and resumed as they should be: what failed is something else, such as merging or a second adapter. Absent: none.',
    ),
  flaky: count.optional().describe('Runs of the same cell that disagreed.'),
  failures: z
    .array(
      z.strictObject({
        id: z.string().describe('Key in `failures`.'),
        cells: count.describe('Runs that show it; one may show several.'),
        configs: z.array(index).describe('The simplest of them: indices into `configs`.'),
      }),
    )
    .optional(),
  passed: z.array(index).optional().describe('The simplest configs that passed: indices into `configs`.'),
  unsupported: z
    .array(reasonCount)
    .optional()
    .describe('Cells that could not be: of one that works, what does not belong to it.'),
  skipped: z.array(reasonCount).optional().describe('Cells that we chose not to run; they count for nothing.'),
  broken: z.array(reasonCount).optional().describe('Cells that could not be asked; they count for nothing.'),
  environments: z.array(index).describe('Where the cells are from: indices into `environments`.'),
  campaigns: z.array(index).describe('Which campaigns tell of them: indices into `campaigns`.'),
});
export type SupportCell = DeepReadonly<z.infer<typeof supportCellSchema>>;

const rangeSchema = z.strictObject({
  state: stateSchema,
  interval: z
    .string()
    .describe(
      'Releases as an interval: `[0.8.2, 0.11.1]`, `[0.12.0]`; `(0.8.2, 0.21.2)` for releases between two that were run, of which none was.',
    ),
  releases: z.array(z.string()).describe('Those of them that are columns of this matrix.'),
});
export type SupportRange = DeepReadonly<z.infer<typeof rangeSchema>>;

const rowSchema = z.strictObject({
  method: z.string(),
  sharding: z.string(),
  precision: z.string(),
  evidence: index.describe('Index into `evidence`: no state is made of runs of two of them.'),
  cells: z.record(z.string(), supportCellSchema).describe('By release. A release that is absent is unknown.'),
  ranges: z.array(rangeSchema).describe('Releases with the same state, oldest first; gaps of unknown are kept apart.'),
});
export type SupportRow = DeepReadonly<z.infer<typeof rowSchema>>;

const supportFailureSchema = z.strictObject({
  property: z.string(),
  phase: z.string(),
  exception: z.string(),
  message: z.string(),
  minimal: config.describe('The minimal config, only the values that differ from the defaults.'),
  campaigns: z.array(index),
  known: knownIssueSchema.optional(),
});
export type SupportFailure = DeepReadonly<z.infer<typeof supportFailureSchema>>;

/** `matrix.json`: what works, method by method and release by release, with the way to the evidence of each state. */
export const supportMatrixSchema = z.strictObject({
  version: z.literal(1),
  asOf: z.iso.datetime().describe('When the newest of its campaigns was finished.'),
  releases: z.array(z.string()).describe('Releases of PEFT, oldest first: the columns.'),
  shardings: z.array(z.string()),
  precisions: z.array(z.string()),
  defaults: config.describe('The default of every axis that a config does not name.'),
  campaigns: z.array(
    z.strictObject({
      id: z.string(),
      matrix: z.string(),
      executor: z.string(),
      finishedAt: z.iso.datetime(),
      complete: z.boolean(),
    }),
  ),
  evidence: z.array(evidenceSchema),
  environments: z.array(
    z.strictObject({
      release: z.string().describe('The release of PEFT in it.'),
      device: z.enum(['cpu', 'cuda']),
      executor: z.string(),
      versions: z.record(z.string(), z.string()).describe('python and the watched packages.'),
      importFailure: z
        .string()
        .optional()
        .describe('Key in `failures`: nothing can be run, because PEFT or what it needs cannot be imported.'),
    }),
  ),
  unasked: z
    .array(
      z.strictObject({
        pin: z.string(),
        campaign: index,
        verdict: z.enum(['broken', 'skipped']),
        because: z.string(),
      }),
    )
    .describe('Pins of which nothing could be asked; they count for nothing.'),
  methods: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string().optional(),
      configClass: z.string().nullable().describe('Its config class in PEFT; null for full fine-tuning without PEFT.'),
      since: z.string().optional(),
      until: z.string().optional(),
    }),
  ),
  reasons: z.array(reasonSchema),
  configs: z
    .array(config)
    .describe("Values that differ from the defaults, beside those of a row's method, sharding and precision."),
  failures: z.record(z.string(), supportFailureSchema).describe('By id.'),
  rows: z.array(rowSchema).describe('A row that is absent is unknown on every release.'),
});
export type SupportMatrix = DeepReadonly<z.infer<typeof supportMatrixSchema>>;

/** The text of `matrix.json`, a row a line. Throws when it is not what its published schema promises. */
export const formatSupportMatrix = (matrix: SupportMatrix): string => formatLines(supportMatrixSchema.parse(matrix));

/** Whether a text is a `matrix.json` of some version, to be replaced by a newer one. */
export const isOurMatrix = (text: string): boolean => {
  try {
    return markSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
};

const markSchema = z.object({ version: z.int(), asOf: z.string(), rows: z.array(z.unknown()) });

/** JSON Schema of `matrix.json`, as published in `reports/schema/support-matrix.json`. */
export const supportMatrixJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix support matrix',
  ...z.toJSONSchema(supportMatrixSchema),
});
