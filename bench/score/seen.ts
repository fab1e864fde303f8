import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { phases } from '../../matrices/phase.ts';
import type { PinSpec } from '../../matrices/pin-schema.ts';
import type { Answer } from './ask-pin.ts';
import type { Area } from './setting.ts';
import type { Recognised, Sign } from './signs.ts';
import type { Shrunk } from './tally.ts';

const config = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

const seenSchema = z.strictObject({
  area: z.string(),
  /** Day and commit of the run. */
  on: z.string(),
  commit: z.string(),
  /** Of all signs as they were then: with others, other things would have been seen. */
  signs: z.string(),
  /** Nothing when the environment could not be opened. */
  versions: z.record(z.string(), z.string()).exactOptional(),
  planned: z.int(),
  ran: z.int(),
  minutes: z.number(),
  isComplete: z.boolean(),
  sightings: z.array(
    z.strictObject({
      bug: z.string(),
      /** Which of the signs of that bug. */
      sign: z.int(),
      config,
      phase: z.union([z.enum(phases), z.enum(['unsupported', 'flaky'])]),
      what: z.string(),
      cells: z.int(),
      minimal: config.exactOptional(),
    }),
  ),
});

/** What one area showed on one pin: kept in a file of its own, so that runs of several days make one table. */
export type Seen = z.infer<typeof seenSchema>;

/** Beside the corpus of signs. */
const folder = join(import.meta.dirname, 'seen');

/** The file of an area on a pin. */
export const seenFile = ({ peft, transformers }: PinSpec, { name }: Area): string =>
  `${peft}-transformers-${String(transformers)
    .replaceAll(/[^0-9.]+/g, '-')
    .replaceAll(/^-|-$/g, '')}-${name}.json`;

/** Twelve hex digits that change when any sign does. */
export const signsDigest = (recognised: readonly Recognised[]): string =>
  createHash('sha256').update(JSON.stringify(recognised)).digest('hex').slice(0, 12);

/** All that is kept, by file; what was seen with other signs is left out. */
export const loadSeen = async (recognised: readonly Recognised[]): Promise<Map<string, Seen>> => {
  const digest = signsDigest(recognised);
  const files: readonly string[] = await readdir(folder).catch(() => []);
  const seen = await Promise.all(
    files.map(
      async (file) => [file, seenSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')))] as const,
    ),
  );
  return new Map(seen.filter(([, { signs }]) => signs === digest));
};

/** Keeps what one run showed. */
export const keepSeen = async (file: string, seen: Seen): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), `${JSON.stringify(seen, null, 1)}\n`);
};

/** What is kept of an answer. */
export const sightingsOf = ({ sightings }: Answer, recognised: readonly Recognised[]): Seen['sightings'] =>
  sightings.map(({ bug, sign, config: shown, phase, what, cells, minimal }) => ({
    bug,
    sign: signsOf(recognised, bug).indexOf(sign),
    config: { ...shown },
    phase: seenSchema.shape.sightings.element.shape.phase.parse(phase),
    what,
    cells,
    ...(minimal === undefined ? {} : { minimal: { ...minimal } }),
  }));

/** The sightings of a run as they were. */
export const recall = ({ versions = {}, sightings }: Seen, recognised: readonly Recognised[]): readonly Shrunk[] =>
  sightings.flatMap(({ sign: index, ...sighting }) => {
    const sign = signsOf(recognised, sighting.bug)[index];
    return sign === undefined ? [] : [{ ...sighting, sign, versions }];
  });

const signsOf = (recognised: readonly Recognised[], bug: string): readonly Sign[] => {
  const entry = recognised.find(({ id }) => id === bug);
  return entry !== undefined && 'signs' in entry ? entry.signs : [];
};
