import type { SupportFailure } from '../../support-matrix/support-matrix-model.ts';
import { showValues } from './show-values.ts';
import { allRowsOf, type SiteIndex } from './site-index.ts';
import { looksOf, sayReleases } from './words.ts';

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

/** Those of which anything that their row shows says a text, in whatever case; of the known ones, their title and id too. */
export const filterFailures = (failures: readonly ListedFailure[], text: string): readonly ListedFailure[] => {
  const wanted = text.trim().toLowerCase();
  return failures.filter((listed) => shownOf(listed).join('\n').toLowerCase().includes(wanted));
};

const shownOf = ({ id, failure, methods, releases }: ListedFailure): readonly string[] => {
  const { property, phase, known, minimal } = failure;
  return [
    id,
    `${property} in ${phase}`,
    looksOf(failure),
    showValues(minimal),
    sayReleases(releases),
    ...releases,
    ...methods,
    ...(known === undefined ? [] : [`known: ${known.kind}`, known.title, known.id]),
  ];
};

const inOrder = ({ matrix }: SiteIndex, releases: ReadonlySet<string>): readonly string[] =>
  matrix.releases.filter((release) => releases.has(release));
