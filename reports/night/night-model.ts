import * as z from 'zod';
import { bisectSchema } from '../bisect-model.ts';
import type { DeepReadonly } from '../deep-readonly.ts';
import { diffSchema } from '../diff/diff-model.ts';
import { failureSchema } from '../report-model.ts';

const versions = z.record(z.string(), z.string());

const moveSchema = z.strictObject({ package: z.string(), from: z.string(), to: z.string() });

const pinSchema = z.strictObject({
  id: z.string(),
  versions,
  isNew: z.boolean().describe('The last good night had no pin with these packages: it was run first.'),
  follows: z.string().optional().describe('The pin of the last good night that it is compared with, where another.'),
  moved: z
    .array(moveSchema)
    .describe(
      'Packages that are in another version than on that pin, or on this one before; those of `versions` first.',
    ),
  isHead: z.boolean().describe('No pin of the night has a newer PEFT of the same kind.'),
  broken: z.string().optional().describe('Why it could not be asked.'),
});
export type NightPin = DeepReadonly<z.infer<typeof pinSchema>>;

const standingSchema = z.strictObject({
  failure: failureSchema.describe('As the newest campaign that shows it tells; its pins are those on which it stands.'),
  appeared: z.iso.date().describe('The night on which it was first told, since it was last told as gone.'),
  isCurrent: z.boolean().describe('It stands on a pin that no other pin of the night follows.'),
  bisect: bisectSchema.optional().describe('What brought it; absent where that was not asked, or not answered yet.'),
  unbisected: z.string().optional().describe('Why there is no bisect though one was due. The next night tries again.'),
});
export type StandingFailure = DeepReadonly<z.infer<typeof standingSchema>>;

const endedSchema = z.strictObject({
  id: z.string(),
  signature: z.string(),
  day: z.iso.date().describe('The night on which it was told that it does not stand any more.'),
  on: z.array(z.string()).describe('Pins of that night that show it no more.'),
});
export type EndedFailure = DeepReadonly<z.infer<typeof endedSchema>>;

/** `night.json`: what one night of a matrix found, against the last good night before it. */
const nightSchema = z.strictObject({
  version: z.literal(1),
  matrix: z.string(),
  executor: z.string(),
  day: z.iso.date().describe('Nothing younger than this day was in any environment.'),
  against: z.iso.date().optional().describe('The last good night before it; absent for the first.'),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  suspect: z
    .string()
    .optional()
    .describe('Why the night teaches nothing: too much of it could not be asked. It claims nothing then.'),
  interrupted: z.boolean().optional().describe('The user stopped it; the same command goes on.'),
  complete: z.boolean().describe('Everything was asked that the matrix wants covered.'),
  campaigns: z.array(z.string()).describe('Ids. The first is the matrix; the others widened its coverage.'),
  pins: z.array(pinSchema),
  leftOut: z.array(z.string()).describe('Pins of the matrix that were not out on that day.'),
  diff: diffSchema.optional().describe('What stood before and what stands after; absent on the first night.'),
  failures: z.array(standingSchema).describe('Every failure that stands after the night.'),
  ended: z.array(endedSchema).describe('Failures that stood on some night before and stand no more.'),
  stale: z.array(z.string()).describe('Known issues and refusals that were put to the test and did not show.'),
});
export type Night = DeepReadonly<z.infer<typeof nightSchema>>;

/** The text of `night.json`. Throws when it is not what the published schema promises. */
export const formatNight = (night: Night): string => `${JSON.stringify(nightSchema.parse(night), undefined, 2)}\n`;

/** Throws when the text is not JSON or not what the schema promises. */
export const parseNight = (text: string): Night => nightSchema.parse(JSON.parse(text));

/** JSON Schema of `night.json`, as published in `reports/schema/night.json`. */
export const nightJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix night',
  ...z.toJSONSchema(nightSchema),
});
