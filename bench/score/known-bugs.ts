import { join } from 'node:path';
import * as z from 'zod';
import { parseDocument } from '../../matrices/describe-problems.ts';
import { readDocument } from '../../matrices/read-document.ts';

const text = z.string().min(1);

/** `bench/corpus/known-bugs.yaml`: the file says how to read it. */
const knownBugsSchema = z.array(
  z.strictObject({
    id: text,
    title: text,
    refs: text,
    component: text,
    status: text,
    first_affected: text,
    fixed_in: text.exactOptional(),
    kind: z.enum(['exception', 'silent']),
    trigger: z.record(z.string(), z.unknown()),
    world_size: z.int().positive(),
    symptom: text,
    oracle: text,
    pins: text,
    observed: z.array(text).min(1).exactOptional(),
  }),
);

/** A bug of the past or the present, with what runs of it showed. */
export type KnownBug = Readonly<z.infer<typeof knownBugsSchema>[number]>;

/** Reads the corpus. Throws `InputError` with file, line and column. */
export const loadKnownBugs = async (): Promise<readonly KnownBug[]> => {
  const name = 'bench/corpus/known-bugs.yaml';
  return parseDocument(knownBugsSchema, await readDocument(join(import.meta.dirname, '../..', name), name));
};
