import type { EvidenceClass, SiteIndex, Variant } from './site-index.ts';
import { allRowsOf, methodsOf, shardingsOf } from './site-index.ts';

/** What a table is about: one kind of evidence, and the shardings and precisions that are chosen. */
export interface Choice extends Variant {
  readonly evidence: EvidenceClass | undefined;
}

/**
 * What the address asks for, as far as the data have it. Shardings and kinds of evidence depend on each other (one process
 * is not sharded): an evidence that is named comes first, a sharding that it does not have is none that is chosen. Without
 * a name it is the first that has the sharding, on a CPU where there is one.
 */
export const chooseVariant = (index: SiteIndex, params: Readonly<Record<string, string>>): Choice => {
  const { matrix } = index;
  const sharding = matrix.shardings.find((one) => one === params['sharding']);
  const precision = matrix.precisions.find((one) => one === params['precision']);
  const named = index.evidence.find(({ slug }) => slug === params['on']);
  if (named !== undefined) {
    return { evidence: named, sharding: hasSharding(index, named, sharding) ? sharding : undefined, precision };
  }
  const first = index.evidence.find((one) => hasSharding(index, one, sharding)) ?? index.evidence[0];
  return { evidence: first, sharding, precision };
};

/**
 * What the address asks for and the data do not have, by parameter: links outlive the data that they were made for. A
 * sharding that is there, but not on the kind of evidence that is named, is one of them.
 */
export const missingValues = (
  index: SiteIndex,
  params: Readonly<Record<string, string>>,
  { evidence }: Pick<Choice, 'evidence'>,
): Readonly<Record<string, string>> => {
  const { precisions, releases } = index.matrix;
  const there: Readonly<Record<string, readonly string[]>> = {
    on: index.evidence.map(({ slug }) => slug),
    sharding: evidence === undefined ? [] : shardingsOf(index, evidence.index),
    precision: precisions,
    method: methodsOf(index),
    release: releases,
  };
  return Object.fromEntries(
    Object.entries(there).flatMap(([name, values]) => {
      const asked = params[name];
      return asked === undefined || values.includes(asked) ? [] : [[name, asked]];
    }),
  );
};

/** The kind of evidence that has a sharding: the one that is shown, else one on the same device, else any. */
export const evidenceFor = (
  index: SiteIndex,
  sharding: string | undefined,
  shown: EvidenceClass | undefined,
): EvidenceClass | undefined => {
  const having = index.evidence.filter((one) => hasSharding(index, one, sharding));
  return (
    having.find((one) => one === shown) ??
    having.find(({ evidence }) => evidence.device === shown?.evidence.device) ??
    having[0] ??
    shown
  );
};

/** Whether anything was asked with a sharding on a kind of evidence; every one has all of them together. */
export const hasSharding = (index: SiteIndex, evidence: EvidenceClass, sharding: string | undefined): boolean =>
  sharding === undefined || allRowsOf(index, evidence.index).some((row) => row.sharding === sharding);
