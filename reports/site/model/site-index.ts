import { evidenceSlug } from '../../support-matrix/evidence-words.ts';
import type { SupportMatrix, SupportRow } from '../../support-matrix/support-matrix-model.ts';
import type { Evidence } from '../../verdicts-model.ts';
import type { SiteData } from '../site-model.ts';

/** A kind of evidence, as the address and the lookups know it. */
export interface EvidenceClass {
  readonly index: number;
  readonly slug: string;
  readonly evidence: Evidence;
}

/** The data, with what is looked up often. */
export interface SiteIndex {
  readonly data: SiteData;
  readonly matrix: SupportMatrix;
  readonly evidence: readonly EvidenceClass[];
  /** Rows of one kind of evidence, by method, in the order of the data. */
  readonly rows: ReadonlyMap<number, ReadonlyMap<string, readonly SupportRow[]>>;
}

/** Made once, when the page is opened. */
export const indexSite = (data: SiteData): SiteIndex => {
  const { matrix } = data;
  const byEvidence = Map.groupBy(matrix.rows, ({ evidence }) => evidence);
  const slugs = new Set<string>();
  return {
    data,
    matrix,
    evidence: matrix.evidence.map((evidence, index) => {
      const plain = evidenceSlug(evidence);
      const slug = slugs.has(plain) ? `${plain}-${index}` : plain;
      slugs.add(slug);
      return { index, slug, evidence };
    }),
    rows: new Map([...byEvidence].map(([evidence, rows]) => [evidence, Map.groupBy(rows, ({ method }) => method)])),
  };
};

/** Rows of a method and a kind of evidence, of all shardings and precisions or of those that are chosen. */
export const rowsOf = (
  { rows }: SiteIndex,
  evidence: number,
  method: string,
  { sharding, precision }: Variant = {},
): readonly SupportRow[] =>
  (rows.get(evidence)?.get(method) ?? []).filter(
    (row) =>
      (sharding === undefined || row.sharding === sharding) && (precision === undefined || row.precision === precision),
  );

/** Which shardings and precisions are looked at; what is absent is all of them. */
export interface Variant {
  readonly sharding?: string | undefined;
  readonly precision?: string | undefined;
}

/** Every row of a kind of evidence. */
export const allRowsOf = ({ rows }: SiteIndex, evidence: number): readonly SupportRow[] =>
  [...(rows.get(evidence)?.values() ?? [])].flat();

/** Shardings that were asked on a kind of evidence, in the order of the data. */
export const shardingsOf = (index: SiteIndex, evidence: number): readonly string[] => {
  const there = new Set(allRowsOf(index, evidence).map(({ sharding }) => sharding));
  return index.matrix.shardings.filter((sharding) => there.has(sharding));
};

/** Methods in the order of the data; one that only rows know comes last. */
export const methodsOf = ({ matrix }: SiteIndex): readonly string[] => [
  ...new Set([...matrix.methods.map(({ name }) => name), ...matrix.rows.map(({ method }) => method)]),
];
