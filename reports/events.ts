import * as z from 'zod';
import type { DeepReadonly } from './deep-readonly.ts';

const config = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const count = z.int().nonnegative();
const verdict = z.enum(['pass', 'fail', 'flaky', 'unsupported', 'skipped', 'broken']);

const event = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, description: string, shape: Shape) =>
  z.strictObject({ kind: z.literal(kind), ...shape }).describe(description);

/**
 * What a campaign tells while it runs. The live display, the plain lines and `--json` are three subscribers; with
 * `--json` each event is one line. This schema is the single description of those lines.
 */
export const eventSchema = z.discriminatedUnion('kind', [
  event('campaign-started', 'The matrix has been read.', {
    campaign: z.string(),
    matrix: z.string(),
    pins: z.array(z.string()),
  }),
  event('pin-step', 'A slow step of a pin began: `resolving`, `installing torch 2.13.0`, `importing`.', {
    pin: z.string(),
    step: z.string(),
  }),
  event('pin-ready', 'The probe of a pin answered.', { pin: z.string(), versions: z.record(z.string(), z.string()) }),
  event('pin-broken', "A pin cannot be asked; the reason is in the tool's own words.", {
    pin: z.string(),
    reason: z.string(),
  }),
  event('pin-skipped', 'We chose not to ask a pin: it needs a GPU, and there is none.', {
    pin: z.string(),
    reason: z.string(),
  }),
  event('planned', 'The plan is frozen. `known` of its cells are in the ledger already.', {
    cells: count,
    known: count,
  }),
  event(
    'stage-started',
    '`total` counts the cells to run (run, confirm) or the failures (shrink, bisect). Said again for the same stage, it corrects the total.',
    { stage: z.enum(['run', 'shrink', 'confirm', 'bisect']), total: count.optional() },
  ),
  event('cell-started', 'A cell was handed to a probe.', { pin: z.string(), config }),
  event(
    'cell-finished',
    '`ms` is wall time. The verdict is that of the properties that need no other cell; the final one may differ.',
    { pin: z.string(), config, verdict, ms: z.number().nonnegative() },
  ),
  event('failure-found', 'A signature was seen for the first time in this campaign.', {
    signature: z.string().describe('Short hash of the signature.'),
    message: z.string().describe('One line: exception and message.'),
    known: z.string().optional().describe('Id of the expectation that names it, where that is clear already.'),
  }),
  event('bisect-answered', 'A bisect has its answer of a candidate, such as `peft 0.12.0`.', {
    candidate: z.string(),
    answer: z.enum(['good', 'bad', 'skip']),
    reason: z.string().optional().describe('Of a skip: its cause, and what was seen.'),
  }),
  event('failure-shrunk', 'A failure got its minimal config.', {
    id: z.string(),
    minimal: config.describe('Only the values that differ from the defaults.'),
    known: z.string().optional().describe('Id of the expectation that names it.'),
  }),
  event('failure-bisected', 'A night knows what brought a failure, or why that cannot be known.', {
    id: z.string(),
    answer: z.string().describe('One line.'),
  }),
  event('warning', 'Something that the user should know and that stops nothing.', { message: z.string() }),
  event('interrupted', 'The user asked to stop: running cells are finished, then the report is written.', {
    unplanned: z
      .boolean()
      .optional()
      .describe('True before the plan is made: there is nothing to finish, and no report.'),
  }),
  event('campaign-finished', 'The report is written.', {
    campaign: z.string(),
    exitCode: z.int(),
    reasons: z
      .array(z.string())
      .describe('Why, the one that decides the exit code first; empty when all is as expected.'),
    report: z.string().describe('Path of report.json.'),
  }),
  event('shard-finished', 'One part of a campaign is in the ledger; nothing is judged yet.', {
    campaign: z.string(),
    index: z.int().positive().describe('Which part, from 1.'),
    of: z.int().positive().describe('How many parts there are.'),
    runs: count,
    missed: count.describe('Runs that gave no observation: broken, or not begun.'),
    exitCode: z.int(),
  }),
]);
export type CampaignEvent = DeepReadonly<z.infer<typeof eventSchema>>;

export type OnEvent = (event: CampaignEvent) => void;

/** JSON Schema of one line of `--json`, as published in `reports/schema/event.json`. */
export const eventJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix event',
  ...z.toJSONSchema(eventSchema),
});
