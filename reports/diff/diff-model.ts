import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';

const axisValue = z.union([z.string(), z.number(), z.boolean()]);
const config = z.record(z.string(), axisValue);
const count = z.int().nonnegative();

/** What became of a failure from one campaign to another; the first ones matter most. */
export const changeKinds = ['regressed', 'new', 'changed', 'fixed', 'gone', 'not-asked', 'same'] as const;
export type ChangeKind = (typeof changeKinds)[number];

export const comparedCampaignSchema = z.strictObject({
  id: z.string(),
  matrix: z.string(),
  executor: z.string(),
  finishedAt: z.iso.datetime(),
  verdicts: z
    .boolean()
    .describe('Whether its verdicts.json was there. Without it nobody knows what was asked, and nothing is concluded.'),
});

export const changeSchema = z.strictObject({
  change: z
    .enum(changeKinds)
    .describe(
      'regressed: cells that passed in A, or failed in a way that does not hide it, show it in B. new: what was unsupported in A fails in B. changed: the same cells fail in another way, which hides it. fixed: cells that showed it in A pass in B, or fail in a way that does not hide it. gone: they are unsupported in B. not-asked: only one of the campaigns asked. same: both show it.',
    ),
  failure: z.string().describe('Its id; of `changed`, what B shows, or A where B shows nothing new.'),
  signature: z.string(),
  property: z.string(),
  phase: z.string(),
  exception: z.string(),
  message: z.string(),
  minimal: config,
  known: z.string().optional().describe('Id of the known issue that names it.'),
  pins: z.array(z.string()).describe('Pins of B for which that holds; those of A where B has no such pin.'),
  cells: count.describe('Cells of the plan that show it there.'),
  seen: z
    .strictObject({ same: count, passed: count, otherwise: count, unsupported: count, inconclusive: count })
    .describe(
      'What these cells came to in the other campaign. inconclusive: not asked, skipped, broken or flaky; such cells decide nothing.',
    ),
  example: config
    .optional()
    .describe(
      'Config of the first of these cells for which that holds: of `regressed` and `fixed` one that passed in the other campaign, of `changed` one that fails otherwise there, of `new` and `gone` one that is unsupported there. Absent where no cell of the plan shows it.',
    ),
  was: z.array(z.string()).optional().describe('Ids of the failures that these cells showed in A.'),
  becomes: z.array(z.string()).optional().describe('Ids of the failures that these cells show in B.'),
  missing: z.enum(['a', 'b']).optional().describe('Of `not-asked`: the campaign that did not ask.'),
});
export type FailureChange = DeepReadonly<z.infer<typeof changeSchema>>;

/** `diff --json`: what changed from campaign A to campaign B, by failure. */
export const diffSchema = z.strictObject({
  version: z.literal(1),
  a: comparedCampaignSchema,
  b: comparedCampaignSchema,
  pins: z.strictObject({
    paired: z.array(z.strictObject({ a: z.string(), b: z.string() })).describe('What is compared with what.'),
    onlyA: z.array(z.string()),
    onlyB: z.array(z.string()),
  }),
  regressed: z.boolean().describe('Something regressed: exit code 1.'),
  counts: z.record(z.enum(changeKinds), count).describe('Number of entries of `changes` of each kind.'),
  changes: z.array(changeSchema).describe('A failure has an entry for each kind of change, with its pins.'),
  reasons: z
    .array(
      z.strictObject({
        was: z.string(),
        becomes: z.string(),
        pins: z.array(z.string()),
        cells: count,
      }),
    )
    .describe('Cells that are unsupported in both, for another reason than before.'),
});
export type CampaignDiff = DeepReadonly<z.infer<typeof diffSchema>>;

/** The text of `diff --json`. Throws when the diff is not what the published schema promises. */
export const formatDiffJson = (diff: CampaignDiff): string =>
  `${JSON.stringify(diffSchema.parse(diff), undefined, 2)}\n`;

/** JSON Schema of `diff --json`, as published in `reports/schema/diff.json`. */
export const diffJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix diff',
  ...z.toJSONSchema(diffSchema),
});
