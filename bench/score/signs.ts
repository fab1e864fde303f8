import { join } from 'node:path';
import * as z from 'zod';
import type { Catalogue } from '../../matrices/catalogue.ts';
import { looksSchema, versionRangesSchema } from '../../matrices/catalogue-schema.ts';
import { checkLooks } from '../../matrices/check-catalogue.ts';
import { parseDocument, type Problem } from '../../matrices/describe-problems.ts';
import { phases } from '../../matrices/phase.ts';
import { readDocument } from '../../matrices/read-document.ts';
import { allProperties } from '../../properties/all.ts';
import type { KnownBug } from './known-bugs.ts';

/** How a bug of the corpus is recognised in what the generator found, and on which pins. */
const signSchema = z
  .strictObject({
    /** Pins on which it must be seen. On others it must not. */
    shows: versionRangesSchema,
    /** Pins of which the corpus says neither: seen or not, it counts for nothing. */
    unsettled: versionRangesSchema.exactOptional(),
    /** `fail`: a violation of a property. Otherwise `words` are those of the reason. */
    verdict: z.enum(['fail', 'unsupported', 'flaky']).default('fail'),
    properties: z.array(z.string()).min(1).exactOptional(),
    phases: z.array(z.enum(phases)).min(1).exactOptional(),
    ...looksSchema,
  })
  .refine(({ verdict, properties }) => (verdict === 'fail') === (properties !== undefined), {
    error: 'expected properties of a failure, and of nothing else',
  });
export type Sign = Readonly<z.output<typeof signSchema>>;

const reason = z.string().min(10);

const signsSchema = z.array(
  z.union(
    [
      z.strictObject({
        id: z.string(),
        /** Any of them is enough. */
        signs: z.array(signSchema).min(1),
        /** It depends on chance whether a release shows it: one release that must show it is enough. */
        byChance: z.literal(true).exactOptional(),
      }),
      z.strictObject({ id: z.string(), outOfScope: reason }),
      z.strictObject({ id: z.string(), blind: reason }),
    ],
    { error: 'expected id, and one of signs, outOfScope or blind' },
  ),
);

/** What we make of one entry of the corpus. */
export type Recognised =
  | { readonly id: string; readonly signs: readonly Sign[]; readonly byChance?: true }
  /** Nothing that plain PyTorch, DDP or FSDP on a CPU could show. */
  | { readonly id: string; readonly outOfScope: string }
  /** It could be shown, and we have nothing that would: a miss. */
  | { readonly id: string; readonly blind: string };

/**
 * Reads `bench/corpus/signs.yaml`, in the order of the corpus.
 *
 * @throws InputError with file, line and column, also when an entry of the corpus has none, or an axis, value or property is
 *   not there.
 */
export const loadSigns = async (
  bugs: readonly KnownBug[],
  { axes }: Pick<Catalogue, 'axes'>,
): Promise<readonly Recognised[]> => {
  const name = 'bench/corpus/signs.yaml';
  const document = await readDocument(join(import.meta.dirname, '../..', name), name);
  return parseDocument(signsSchema, document, (entries) => [
    ...oneForOne(entries, bugs),
    ...entries.flatMap((entry, index) =>
      'signs' in entry ? below([index, 'signs'], checkSigns(entry.signs, axes)) : [],
    ),
  ]);
};

const oneForOne = (entries: readonly { readonly id: string }[], bugs: readonly KnownBug[]): readonly Problem[] => {
  const strayed = Array.from({ length: Math.max(entries.length, bugs.length) }, (_, index) => index).find(
    (index) => entries[index]?.id !== bugs[index]?.id,
  );
  if (strayed === undefined) return [];
  const [found, wanted] = [entries[strayed]?.id ?? 'the end', bugs[strayed]?.id ?? 'the end'];
  return [{ path: strayed < entries.length ? [strayed] : [], message: `expected ${wanted}, found ${found}` }];
};

const checkSigns = (signs: readonly Sign[], axes: Catalogue['axes']): readonly Problem[] => {
  const known = new Set(allProperties.map(({ id }) => id));
  return [
    ...checkLooks(
      signs.map((sign, index) => ({ ...sign, id: String(index) })),
      axes,
    ),
    ...signs.flatMap(({ properties = [] }, index) =>
      properties
        .filter((property) => !known.has(property))
        .map((property) => ({ path: [index, 'properties'], message: `there is no property "${property}"` })),
    ),
  ];
};

const below = (path: Problem['path'], problems: readonly Problem[]): readonly Problem[] =>
  problems.map((problem) => ({ ...problem, path: [...path, ...problem.path] }));
