import { combineCells, type Combined } from '../../support-matrix/combine-states.ts';
import type { SupportCell, SupportMatrix } from '../../support-matrix/support-matrix-model.ts';
import type { Reason } from '../../verdicts-model.ts';
import type { Choice } from './choose-variant.ts';
import { ownValue } from './own-value.ts';
import { rowsOf, type SiteIndex } from './site-index.ts';

/** One sharding and precision of a place in the matrix, with all that is known of it. */
export interface VariantEvidence {
  readonly sharding: string;
  readonly precision: string;
  readonly cell: SupportCell | undefined;
  readonly combined: Combined;
}

/** What stands behind a place in the matrix. */
export interface PlaceEvidence {
  readonly combined: Combined;
  readonly variants: readonly VariantEvidence[];
  readonly environments: SupportMatrix['environments'];
  readonly campaigns: SupportMatrix['campaigns'];
}

export const placeEvidence = (index: SiteIndex, choice: Choice, method: string, release: string): PlaceEvidence => {
  const rows = choice.evidence === undefined ? [] : rowsOf(index, choice.evidence.index, method, choice);
  const cells = rows.flatMap(({ cells: ofRow }) => ownValue(ofRow, release) ?? []);
  const { environments, campaigns } = index.matrix;
  return {
    combined: combineCells(cells),
    variants: rows.map(({ sharding, precision, cells: ofRow }) => {
      const cell = ownValue(ofRow, release);
      return { sharding, precision, cell, combined: combineCells([cell]) };
    }),
    environments: picked(
      environments,
      cells.flatMap((cell) => cell.environments),
    ),
    campaigns: picked(
      campaigns,
      cells.flatMap((cell) => cell.campaigns),
    ),
  };
};

/** Reasons with the number of cells that they are given for. */
export const reasonsOf = (
  { reasons }: SupportMatrix,
  counted: SupportCell['unsupported'],
): readonly { readonly reason: Reason; readonly cells: number }[] =>
  (counted ?? []).flatMap(({ reason, cells }) => {
    const found = reasons[reason];
    return found === undefined ? [] : [{ reason: found, cells }];
  });

const picked = <T>(items: readonly T[], indices: readonly number[]): readonly T[] =>
  [...new Set(indices)].toSorted((left, right) => left - right).flatMap((at) => items[at] ?? []);
