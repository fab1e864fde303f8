import { combineCells, type Combined } from '../../support-matrix/combine-states.ts';
import type { SupportCell } from '../../support-matrix/support-matrix-model.ts';
import { methodsOf, rowsOf, type SiteIndex } from './site-index.ts';

/** A column of the heat map. */
interface HeatColumn {
  readonly sharding: string;
  readonly precision: string;
}

export interface Heat {
  readonly columns: readonly HeatColumn[];
  readonly lines: readonly { readonly method: string; readonly places: readonly Combined[] }[];
}

export interface HeatChoice {
  readonly evidence: number;
  readonly release: string;
  /** Only what this campaign tells of; absent: all of them. */
  readonly campaign: number | undefined;
}

/** Methods by shardings and precisions, on one release and one kind of evidence. */
export const heatOf = (index: SiteIndex, { evidence, release, campaign }: HeatChoice): Heat => {
  const { shardings, precisions } = index.matrix;
  const isOf = (cell: SupportCell | undefined): boolean =>
    cell !== undefined && (campaign === undefined || cell.campaigns.includes(campaign));
  const cellsOf = (method: string, variant: Partial<HeatColumn>): readonly SupportCell[] =>
    rowsOf(index, evidence, method, variant).flatMap(({ cells: { [release]: cell } }) =>
      cell !== undefined && isOf(cell) ? [cell] : [],
    );
  const methods = methodsOf(index).filter((method) => cellsOf(method, {}).length > 0);
  const columns = shardings
    .flatMap((sharding) => precisions.map((precision): HeatColumn => ({ sharding, precision })))
    .filter((column) => methods.some((method) => cellsOf(method, column).length > 0));
  return {
    columns,
    lines: methods.map((method) => ({
      method,
      places: columns.map((column) => combineCells(cellsOf(method, column))),
    })),
  };
};
