import type { Observation, Stop } from '../containers/observation.ts';
import { canonicalConfig, type Config } from '../matrices/config.ts';
import type { Refusal } from '../matrices/refusal.ts';
import type { Judgement, Property, Reference, Subject } from './property.ts';
import { signatureOf } from './signature.ts';
import type { Verdict } from './verdict.ts';

/** What judging a cell takes beside the cell itself. */
export interface Judging {
  readonly properties: readonly Property[];
  /** Drops the axes that do not apply and fills in defaults. */
  readonly normalise: (config: Config) => Config;
  /** The observation of another run, if there is one; its config is normalised. */
  readonly find: (reference: Reference) => Observation | undefined;
  /** What PEFT refuses on purpose for this config, if that is what it raised. */
  readonly isRefusal: (stop: Stop, config: Config) => Pick<Refusal, 'id' | 'because'> | undefined;
}

/** What one property says of a cell. */
export interface PropertyJudgement {
  readonly property: string;
  readonly judgement: Judgement;
}

export type FailVerdict = Extract<Verdict, { readonly kind: 'fail' }>;

/** What a cell comes to. */
export interface CellVerdict {
  /** Of the cell as a whole: of several failures the first, and a failure before a refusal. */
  readonly verdict: Verdict;
  /** Every violation, in the order of the properties; empty unless the verdict is `fail`. */
  readonly failures: readonly FailVerdict[];
  /** Ids of the properties that had their evidence and hold. */
  readonly held: readonly string[];
}

/**
 * Judges a cell by every property that applies, in their order.
 *
 * A cell that stopped is judged by what it showed before; a property whose evidence is missing says so and is silent.
 */
export const judgeCell = (subject: Subject, observation: Observation, judging: Judging): readonly PropertyJudgement[] =>
  judging.properties
    .filter((property) => property.applies(subject))
    .flatMap((property) =>
      [property.judge(subject, observation, referencesOf(subject, property, judging))]
        .flat()
        .map((judgement) => ({ property: property.id, judgement })),
    );

/** The verdict on a cell, with all that is wrong with it. */
export const verdictOf = (subject: Subject, observation: Observation, judging: Judging): CellVerdict => {
  const { stop, usageStops = [] } = observation;
  if (stop?.kind === 'killed') return withoutFailures({ kind: 'broken', reason: reasonOfKill(stop) });
  const refusal = stop === undefined ? undefined : judging.isRefusal(stop, subject.config);
  // A usage that PEFT refuses on purpose leaves nothing to judge; the cell is judged by the rest of its life.
  const unexpected = usageStops.filter((each) => judging.isRefusal(each, subject.config) === undefined);
  const judgements = judgeCell(subject, { ...observation, usageStops: unexpected }, judging).filter(
    ({ property }) => refusal === undefined || property !== completion,
  );
  const failures = judgements.flatMap(({ property, judgement }) => failureOf(property, judgement));
  const held = judgements.flatMap(({ property, judgement }) => (judgement.kind === 'holds' ? [property] : []));
  const [first] = failures;
  if (first !== undefined) return { verdict: first, failures, held };
  const verdict: Verdict = refusal === undefined ? { kind: 'pass' } : { kind: 'unsupported', reason: refusal.because };
  return { ...withoutFailures(verdict), held };
};

/** All runs that the properties of a subject compare it with, each once, with normalised configs. */
export const requiredReferences = (
  subject: Subject,
  { properties, normalise }: Pick<Judging, 'properties' | 'normalise'>,
): readonly Reference[] => {
  const references = properties
    .filter((property) => property.applies(subject))
    .flatMap((property) => Object.values(property.references?.(subject) ?? {}))
    .map((reference) => ({ ...reference, config: normalise(reference.config) }));
  const keyed = new Map(references.map((reference) => [referenceKey(reference), reference]));
  return [...keyed.values()];
};

/** The property that a refusal answers for. */
const completion = 'runs';

/** Of a cell that was not judged by anything yet. */
export const withoutFailures = (verdict: Verdict): CellVerdict => ({ verdict, failures: [], held: [] });

const reasonOfKill = ({ phase, rank }: Stop): string =>
  `rank ${rank} was killed in phase ${phase} and nothing says why (out of memory elsewhere on the machine?)`;

const failureOf = (property: string, judgement: Judgement): readonly FailVerdict[] =>
  judgement.kind === 'violated'
    ? [{ kind: 'fail', signature: signatureOf(property, judgement), detail: judgement.detail }]
    : [];

const referencesOf = (
  subject: Subject,
  property: Property,
  { normalise, find, isRefusal }: Judging,
): Readonly<Record<string, Observation>> =>
  Object.fromEntries(
    Object.entries(property.references?.(subject) ?? {}).flatMap(([name, reference]) => {
      const config = normalise(reference.config);
      const observation = find({ ...reference, config });
      // What PEFT refuses to read, on purpose, is no evidence.
      const { stop } = observation ?? {};
      const isRefused = reference.reads !== undefined && stop !== undefined && isRefusal(stop, config) !== undefined;
      return observation === undefined || isRefused ? [] : [[name, observation]];
    }),
  );

/** The same reference always has the same key; its config is normalised. */
export const referenceKey = ({ config, attempt, pin, reads }: Reference): string =>
  `${pin ?? 'own'} ${reads ?? 'nothing'} ${attempt} ${canonicalConfig(config)}`;
