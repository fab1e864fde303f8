import type { SupportFailure } from '../../support-matrix/support-matrix-model.ts';
import { allRowsOf, type SiteIndex } from './site-index.ts';

/** A failure with where it shows on one kind of evidence. */
export interface ListedFailure {
  readonly id: string;
  readonly failure: SupportFailure;
  readonly runs: number;
  readonly methods: readonly string[];
  /** Oldest first. */
  readonly releases: readonly string[];
}

/** Failures that runs on a kind of evidence show, those of most runs first. */
export const listFailures = (index: SiteIndex, evidence: number | undefined): readonly ListedFailure[] => {
  if (evidence === undefined) return [];
  const found = new Map<string, { runs: number; methods: Set<string>; releases: Set<string> }>();
  for (const row of allRowsOf(index, evidence)) {
    for (const [release, cell] of Object.entries(row.cells)) {
      for (const { id, cells } of cell.failures ?? []) {
        const seen = found.get(id) ?? { runs: 0, methods: new Set(), releases: new Set() };
        found.set(id, seen);
        seen.runs += cells;
        seen.methods.add(row.method);
        seen.releases.add(release);
      }
    }
  }
  return [...found]
    .flatMap(([id, { runs, methods, releases }]) => {
      const failure = index.matrix.failures[id];
      if (failure === undefined) return [];
      return [{ id, failure, runs, methods: [...methods], releases: inOrder(index, releases) }];
    })
    .toSorted((left, right) => right.runs - left.runs || (left.id < right.id ? -1 : 1));
};

/** Those that say a text somewhere. */
export const filterFailures = (failures: readonly ListedFailure[], text: string): readonly ListedFailure[] => {
  const wanted = text.trim().toLowerCase();
  return failures.filter(({ id, failure, methods }) =>
    [id, failure.property, failure.phase, failure.exception, failure.message, failure.known?.title ?? '', ...methods]
      .join('\n')
      .toLowerCase()
      .includes(wanted),
  );
};

const inOrder = ({ matrix }: SiteIndex, releases: ReadonlySet<string>): readonly string[] =>
  matrix.releases.filter((release) => releases.has(release));
