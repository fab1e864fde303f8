import { join } from 'node:path';
import * as z from 'zod';
import { parseDocument } from '../../matrices/describe-problems.ts';
import { readDocument } from '../../matrices/read-document.ts';
import type { Fate } from './try-mutant.ts';

const survivorSchema = z.strictObject({
  /** `file:function:operator:ordinal`. */
  id: z.string(),
  /** What the fault turns into what: so that a change of the source shows. */
  change: z.string(),
  /** `equivalent`: no program can tell; `blind-spot`: our properties or cells do not look. */
  kind: z.enum(['equivalent', 'blind-spot']),
  /** Why it is equivalent, or which property misses what. */
  because: z.string().min(20),
});

/** Somebody's judgement of a mutant that survived. */
export type Survivor = z.infer<typeof survivorSchema>;

const fileSchema = z.array(survivorSchema);

/** Reads what people found when they looked at survivors. Throws `InputError` with line and column. */
export const loadSurvivors = async (path = join(import.meta.dirname, 'survivors.yaml')): Promise<readonly Survivor[]> =>
  parseDocument(fileSchema, await readDocument(path));

/** How a fault reads in one line. */
export const changeOf = ({ before, after }: Fate['mutant']): string => `${before} -> ${after}`;

/** Where judgements and what was seen do not fit each other. Of mutants that were not tried nothing is said. */
export const staleSurvivors = (survivors: readonly Survivor[], fates: readonly Fate[]): readonly string[] => {
  const byId = new Map(fates.map((fate) => [fate.mutant.id, fate]));
  return survivors.flatMap(({ id, change }) => {
    const fate = byId.get(id);
    if (fate === undefined) return [];
    if (fate.kill !== undefined) return [`${id} was killed by ${fate.kill.property}`];
    if (changeOf(fate.mutant) !== change) return [`${id} now reads: ${changeOf(fate.mutant)}`];
    return [];
  });
};
