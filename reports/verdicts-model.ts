import * as z from 'zod';
import type { DeepReadonly } from './deep-readonly.ts';
import { formatLines } from './text/format-lines.ts';

const axisValue = z.union([z.string(), z.number(), z.boolean()]);
const config = z.record(z.string(), axisValue);

/** What a run was had on. A state of the one says nothing about the other. */
export const evidenceSchema = z.strictObject({
  device: z.enum(['cpu', 'cuda']),
  backend: z.enum(['none', 'gloo', 'nccl']).describe('Through what the ranks met; `none` for a single process.'),
  ranks: z.int().positive(),
});
export type Evidence = DeepReadonly<z.infer<typeof evidenceSchema>>;

/** Why something was not run, or not offered. */
export const reasonSchema = z.strictObject({
  because: z.string().describe('In plain words.'),
  rule: z
    .string()
    .optional()
    .describe('Id of the rule or refusal; `adapter:NAME` or `option:NAME` for what their entry says of releases.'),
  whole: z
    .literal(true)
    .optional()
    .describe('It depends on method, sharding and precision alone: no other value of the config would help.'),
  since: z.string().optional().describe('First release of PEFT that offers it, as far as the data say.'),
  until: z.string().optional().describe('First release of PEFT that no longer offers it, as far as the data say.'),
});
export type Reason = DeepReadonly<z.infer<typeof reasonSchema>>;

const cellSchema = z.strictObject({
  pin: z.string(),
  config: config.describe('Only the values that differ from `defaults`.'),
  verdict: z.enum(['pass', 'fail', 'flaky', 'unsupported', 'skipped', 'broken']),
  failures: z.array(z.string()).optional().describe('Ids of the failures that it shows, of those in report.json.'),
  reason: z.int().nonnegative().optional().describe('Index into `reasons`.'),
  evidence: z
    .int()
    .nonnegative()
    .describe('Index into `evidence`: where it ran; of a cell that gave no observation, where it would have.'),
});
export type CellVerdict = DeepReadonly<z.infer<typeof cellSchema>>;

/** `verdicts.json`: what every cell of a campaign came to; `report.json` beside it tells of pins and failures. */
const verdictsSchema = z.strictObject({
  version: z.literal(1),
  campaign: z.string(),
  defaults: config.describe('The default of every axis.'),
  evidence: z.array(evidenceSchema),
  reasons: z.array(reasonSchema),
  cells: z.array(cellSchema).describe('Each config on each pin once, in the order of the plan.'),
});
export type Verdicts = DeepReadonly<z.infer<typeof verdictsSchema>>;

/** The text of `verdicts.json`, a cell a line. Throws when it is not what its published schema promises. */
export const formatVerdicts = (verdicts: Verdicts): string => formatLines(verdictsSchema.parse(verdicts));

/**
 * The same as `verdictsSchema`. Of a million cells, zod takes most of its time for copying their configs value by value;
 * here they are looked through and taken as they are.
 */
const quickSchema = verdictsSchema.extend({
  cells: z.array(cellSchema.extend({ config: z.custom<z.infer<typeof config>>((value) => isConfig(value)) })),
});

const isConfig = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((part) => ['string', 'number', 'boolean'].includes(typeof part));

/** Throws when the text is not JSON or not what the schema promises. */
export const parseVerdicts = (text: string): Verdicts => quickSchema.parse(JSON.parse(text));

/** JSON Schema of `verdicts.json`, as published in `reports/schema/verdicts.json`. */
export const verdictsJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix verdicts',
  ...z.toJSONSchema(verdictsSchema),
});
