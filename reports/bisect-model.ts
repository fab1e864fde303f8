import * as z from 'zod';
import type { DeepReadonly } from './deep-readonly.ts';

const count = z.int().nonnegative();

const answerSchema = z
  .strictObject({
    kind: z.enum(['good', 'bad', 'skip']),
    cause: z
      .enum(['unsupported', 'masked', 'flaky', 'broken'])
      .optional()
      .describe(
        'Of a skip. `unsupported`: the release does not offer it; `masked`: it fails otherwise before it gets as far; ' +
          '`flaky`: a second run came to something else; `broken`: it could not be asked.',
      ),
    reason: z.string().optional().describe('What was seen, in the words of the tool.'),
  })
  .describe('Whether the failure shows (`bad`), does not show (`good`), or nobody can tell (`skip`).');
export type ReportedAnswer = DeepReadonly<z.infer<typeof answerSchema>>;

const moveSchema = z.strictObject({
  package: z.string(),
  from: z.string(),
  to: z.string(),
});

const candidateSchema = z.strictObject({
  version: z.string(),
  releasedAt: z.string().optional().describe('When the package index got it.'),
  lock: z.string().optional().describe('Hash of the lock that it was asked with.'),
  answer: answerSchema.optional().describe('Absent: nobody asked.'),
  order: count.optional().describe('The how-manieth answer this was, from 1; absent for what was known before.'),
  again: answerSchema.optional().describe('What a second run, in a cold process, came to.'),
  moved: z
    .array(moveSchema)
    .optional()
    .describe('Other packages that could not be held: no set of packages with this release has them as they were.'),
});
export type BisectedCandidate = DeepReadonly<z.infer<typeof candidateSchema>>;

const changeSchema = z.strictObject({
  kind: z.enum(['introduced', 'fixed']),
  before: z.string().describe('The last release before the change.'),
  after: z.string().describe('The first release after it.'),
  releasedAt: z.string().optional().describe('When `after` came out.'),
  skipped: z
    .array(z.string())
    .describe('Releases between the two that could not be asked: the change may be in each of them.'),
  confirmed: z.boolean().describe('A second run of both, in a cold process, said the same.'),
});
export type BisectedChange = DeepReadonly<z.infer<typeof changeSchema>>;

const releasesSchema = z.strictObject({
  package: z.string(),
  others: z
    .enum(['held', 'as-of-release'])
    .describe(
      'The other packages: as they are where the failure was found, or as they were when each release came out.',
    ),
  candidates: z.array(candidateSchema).describe('Every release that was considered, oldest first.'),
  changes: z.array(changeSchema).describe('Every change point that was found, oldest first.'),
  rounds: count.describe('Rounds of asking; several are asked at once.'),
});
export type BisectedReleases = DeepReadonly<z.infer<typeof releasesSchema>>;

const packagesSchema = z
  .strictObject({
    before: z.string().describe('Hash of the lock before the change.'),
    after: z.string().describe('Hash of the lock after it.'),
    differences: z.array(moveSchema).describe('Packages that both locks have, in different versions.'),
    culprits: z
      .array(moveSchema)
      .describe(
        'The smallest set of packages whose move alone changes the answer: without any one of them it does not. Where that could be asked of none, all that have to move together.',
      ),
    companions: z
      .array(z.string())
      .describe('Packages that moved with them because the resolver allows no other mixture.'),
    unproven: z
      .array(z.string())
      .describe(
        'Packages that moved with the culprits, and without which no mixture could be asked: not ruled out, and not shown to have a part in it.',
      ),
    proof: z
      .enum(['only-difference', 'swap', 'smallest-set'])
      .describe(
        'Nothing else differs; or moving that package alone was tried; or delta debugging over all differences.',
      ),
    mixtures: z
      .array(
        z.strictObject({
          moved: z.array(z.string()),
          companions: z.array(z.string()),
          answer: answerSchema,
        }),
      )
      .describe('Every mixture of the two locks that was asked, in order.'),
  })
  .describe('Which of several packages that moved together did it.');
export type BisectedPackages = DeepReadonly<z.infer<typeof packagesSchema>>;

const commitSchema = z
  .strictObject({
    hash: z.string().describe('All 40 hex digits.'),
    date: z.string().describe('When it was committed: ISO timestamp with its time zone.'),
    author: z.string().describe('`Name <address>`, as git has it.'),
    title: z.string().describe('First line of its message.'),
    pullRequest: count.optional().describe('That its title names.'),
  })
  .describe('What git says of a commit; all but hash and date is free text of somebody.');
export type BisectedCommit = DeepReadonly<z.infer<typeof commitSchema>>;

const commitsSchema = z
  .strictObject({
    history: z.string().optional().describe('Where the commits came from: a URL, a path, or what it was made of.'),
    candidates: z
      .array(commitSchema)
      .describe(
        'One: it is this commit. Several, oldest first: one of them, for those before the last could not be asked.',
      ),
    merges: z.array(commitSchema).describe('The merges that it came in with, outermost first.'),
    parent: commitSchema.optional().describe('A parent of the one commit, that was asked and is on the other side.'),
    asked: z
      .array(z.strictObject({ commit: commitSchema, answer: answerSchema }))
      .describe('All that were asked, in the order of their answers.'),
    unanswered: z.string().optional().describe('Why no commit was found.'),
  })
  .describe('The commits between the two releases; absent where nobody asked for them.');
export type BisectedCommits = DeepReadonly<z.infer<typeof commitsSchema>>;

const culpritSchema = z.strictObject({
  kind: z.enum(['introduced', 'fixed']),
  package: z.string(),
  before: z.string(),
  after: z.string(),
  releasedAt: z.string().optional(),
  skipped: z.array(z.string()),
  confirmed: z.boolean(),
  proof: z
    .enum(['held', 'only-difference', 'swap', 'smallest-set', 'moved-together'])
    .describe('How it is known to be this package. `held`: no other moved. `moved-together`: that is not known.'),
  commits: commitsSchema.optional(),
});
export type Culprit = DeepReadonly<z.infer<typeof culpritSchema>>;

/** Since which release a failure shows, or from which on it does not. */
export const boundarySchema = z.strictObject({
  package: z.string(),
  version: z.string(),
  releasedAt: z.string().optional(),
  skipped: z.array(z.string()).optional().describe('Releases just before it that could not be asked.'),
  commit: commitSchema.optional().describe('The commit of that release that did it, where that was asked.'),
  hiddenBefore: z
    .boolean()
    .optional()
    .describe('What fails otherwise before it counted as good: another failure may have hidden it there.'),
});
export type Boundary = DeepReadonly<z.infer<typeof boundarySchema>>;

/** `bisects/<failure>.<question>.json`: what a bisect found, and how. */
export const bisectSchema = z.strictObject({
  version: z.literal(1),
  failure: z.strictObject({
    id: z.string(),
    property: z.string(),
    phase: z.string(),
    exception: z.string(),
    message: z.string(),
    minimal: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    versions: z
      .record(z.string(), z.string())
      .describe('Where it was found: python and the packages that people choose.'),
  }),
  executor: z.string(),
  device: z.enum(['cpu', 'cuda']),
  campaigns: z
    .strictObject({ good: z.string(), bad: z.string() })
    .optional()
    .describe('The campaigns whose locks were compared, where nobody named two locks.'),
  maskedAsGood: z
    .literal(true)
    .optional()
    .describe('What fails otherwise, and hides it, counted as good: a culprit changed what fails.'),
  culprits: z.array(culpritSchema).describe('The change that was looked for; empty where none was found.'),
  unanswered: z.string().optional().describe('Why no change point was found.'),
  since: boundarySchema.optional().describe('Since when the failure shows where it was found.'),
  fixedIn: boundarySchema.optional().describe('From when on it does not show any more.'),
  releases: z.array(releasesSchema),
  packages: z.array(packagesSchema),
  replay: z.string().describe('Paste-ready command that asks again.'),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  ran: count.describe('Cells that were run for it; the rest came from the ledger.'),
});
export type Bisect = DeepReadonly<z.infer<typeof bisectSchema>>;

/** What several bisects of one failure say together: each asked something else. */
export type FoundBisect = Pick<Bisect, 'since' | 'fixedIn' | 'culprits' | 'unanswered'>;

/** The text of a bisect's file. Throws when it is not what the published schema promises. */
export const formatBisectJson = (bisect: Bisect): string =>
  `${JSON.stringify(bisectSchema.parse(bisect), undefined, 2)}\n`;

/** JSON Schema of a bisect, as published in `reports/schema/bisect.json`. */
export const bisectJsonSchema = (): Readonly<Record<string, unknown>> => ({
  title: 'peft-matrix bisect',
  ...z.toJSONSchema(bisectSchema),
});
