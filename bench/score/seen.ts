import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { phases } from '../../matrices/phase.ts';
import type { PinSpec } from '../../matrices/pin-schema.ts';
import type { Versions } from '../../matrices/pin.ts';
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
  /** Of the signs of each bug as they were then: with others, other things would have been seen of it. */
  signs: z.record(z.string(), z.string()),
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

/** Of every bug that has signs, twelve hex digits that change when one of them would be seen in other places. */
export const signDigests = (recognised: readonly Recognised[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    recognised.flatMap((entry) => ('signs' in entry ? [[entry.id, digestOf(entry.signs)] as const] : [])),
  );

/** On which releases it must be seen is asked when the table is made. */
const digestOf = (signs: readonly Sign[]): string =>
  createHash('sha256')
    .update(JSON.stringify(signs.map(({ shows: _shows, unsettled: _unsettled, ...looks }) => looks)))
    .digest('hex')
    .slice(0, 12);

/** What is left of it with the signs of today: nothing of a bug that has others now. */
export const stillValid = (seen: Seen, recognised: readonly Recognised[]): Seen => {
  const today = signDigests(recognised);
  const isSame = (bug: string): boolean => seen.signs[bug] === today[bug];
  return {
    ...seen,
    signs: Object.fromEntries(Object.entries(seen.signs).filter(([bug]) => isSame(bug))),
    sightings: seen.sightings.filter(({ bug }) => isSame(bug)),
  };
};

/** All that is kept and still valid, by file. */
export const loadSeen = async (recognised: readonly Recognised[]): Promise<Map<string, Seen>> => {
  const files: readonly string[] = await readdir(folder).catch(() => []);
  const seen = await Promise.all(
    files.map(async (file) => {
      const kept = seenSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8')));
      return [file, stillValid(kept, recognised)] as const;
    }),
  );
  return new Map(seen);
};

/** The versions of the pins that were asked for a bug in every area, each once. */
export const pinsAskedFor = (seen: readonly Seen[], areas: number, bug: string): readonly Versions[] => {
  const asked = seen.filter(({ signs }) => signs[bug] !== undefined);
  return [...Map.groupBy(asked, ({ versions }) => JSON.stringify(versions)).values()].flatMap(([first, ...others]) =>
    first?.versions !== undefined && 1 + others.length === areas ? [first.versions] : [],
  );
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
