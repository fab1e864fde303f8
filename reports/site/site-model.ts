import * as z from 'zod';
import { boundarySchema } from '../bisect-model.ts';
import type { DeepReadonly } from '../deep-readonly.ts';
import { changeSchema, comparedCampaignSchema, diffSchema } from '../diff/diff-model.ts';
import { lossCurvesSchema } from '../report-model.ts';
import { supportMatrixSchema } from '../support-matrix/support-matrix-model.ts';

const axisValue = z.union([z.string(), z.number(), z.boolean()]);
const config = z.record(z.string(), axisValue);

const bisectedSchema = z.strictObject({
  since: boundarySchema.optional().describe('Since when it shows.'),
  fixedIn: boundarySchema.optional().describe('From when on it does not show any more.'),
  culprits: z.array(
    z.strictObject({
      kind: z.enum(['introduced', 'fixed']),
      package: z.string(),
      before: z.string(),
      after: z.string(),
      confirmed: z.boolean(),
    }),
  ),
  unanswered: z.string().optional().describe('Why no change was found.'),
});

const stageSchema = z.strictObject({ verdict: z.string(), violates: z.array(z.string()) });

const failureDetailsSchema = z.strictObject({
  detail: z.string().describe('The whole message or figures of the minimal cell.'),
  frames: z.array(z.string()).describe('Innermost library frames, innermost first.'),
  config: config.describe('The minimal config with every value.'),
  fails: z.record(z.string(), z.array(axisValue)).describe('Per field of the minimal config: the values that fail.'),
  replay: z.string().describe('Paste-ready command that shows it again.'),
  confirmed: z.enum(['yes', 'no', 'not-run']),
  stages: z.strictObject({ adapter: stageSchema, sharding: stageSchema }).optional(),
  losses: lossCurvesSchema.optional().describe('Of the minimal cell, and of the runs that it is compared with.'),
  bisected: bisectedSchema.optional(),
});
export type FailureDetails = DeepReadonly<z.infer<typeof failureDetailsSchema>>;

const foundSchema = changeSchema.omit({
  change: true,
  seen: true,
  example: true,
  was: true,
  becomes: true,
  missing: true,
});

/** A night of a matrix; or a campaign, where the matrix has none. */
export const siteNightSchema = z.strictObject({
  isNight: z.boolean().describe('It has the record of a night. False: an ordinary campaign.'),
  campaign: comparedCampaignSchema.describe('What was seen: `b` of the diff.'),
  diff: diffSchema.optional().describe('Against the one before it of the same matrix; absent of the first.'),
  found: z
    .array(foundSchema)
    .describe('Of the first: every failure that it shows, for nothing was before it. Of the others the diff tells.'),
});
export type SiteNight = DeepReadonly<z.infer<typeof siteNightSchema>>;

/** Everything that the site shows: the support matrix, and what campaigns and bisects know besides. */
export const siteDataSchema = z.strictObject({
  version: z.literal(1),
  matrix: supportMatrixSchema,
  failures: z.record(z.string(), failureDetailsSchema).describe('By id; a failure of the matrix may have none.'),
  nights: z.array(siteNightSchema).describe('Oldest first, those of all matrices together.'),
  recipes: z
    .array(
      z.strictObject({
        method: z.string(),
        config: z.int().nonnegative().describe("Index into the matrix's `configs`."),
        adapterConfig: z.record(z.string(), z.unknown()).describe('Values of adapter_config.json, as they were run.'),
      }),
    )
    .describe('Configs that passed somewhere, in the words of PEFT.'),
});
export type SiteData = DeepReadonly<z.infer<typeof siteDataSchema>>;
