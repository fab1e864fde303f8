import { canonicalConfig } from '../../matrices/config.ts';
import type { Failure, Report } from '../report-model.ts';
import type { CellVerdict, Verdicts } from '../verdicts-model.ts';

/** A campaign that is compared with another: its report, and what every cell came to, where that is known. */
export interface ComparedCampaign {
  readonly report: Report;
  readonly verdicts?: Verdicts | undefined;
}

/** What a campaign asked, ready to be looked up. */
export interface AskedCells {
  readonly report: Report;
  /** False: nobody knows what was asked. */
  readonly hasVerdicts: boolean;
  readonly failures: ReadonlyMap<string, Failure>;
  /** The cell of a config on a pin; undefined where it was not asked. */
  readonly find: (pin: string, config: CellVerdict['config']) => CellVerdict | undefined;
  /** The cells that show a failure on a pin. */
  readonly showing: (pin: string, failure: string) => readonly CellVerdict[];
  readonly ofPin: (pin: string) => readonly CellVerdict[];
  readonly reasonOf: (cell: CellVerdict) => string;
}

export const askedCells = ({ report, verdicts }: ComparedCampaign): AskedCells => {
  const cells = verdicts?.cells ?? [];
  const byPin = Map.groupBy(cells, ({ pin }) => pin);
  const byConfig = new Map(cells.map((cell) => [keyOf(cell.pin, cell.config), cell]));
  const byFailure = Map.groupBy(
    cells.flatMap((cell) => (cell.failures ?? []).map((failure) => ({ cell, key: `${cell.pin} ${failure}` }))),
    ({ key }) => key,
  );
  return {
    report,
    hasVerdicts: verdicts !== undefined,
    failures: new Map(report.failures.map((failure) => [failure.id, failure])),
    find: (pin, config) => byConfig.get(keyOf(pin, config)),
    showing: (pin, failure) => (byFailure.get(`${pin} ${failure}`) ?? []).map(({ cell }) => cell),
    ofPin: (pin) => byPin.get(pin) ?? [],
    reasonOf: ({ reason }) => verdicts?.reasons[reason ?? -1]?.because ?? '',
  };
};

const keyOf = (pin: string, config: CellVerdict['config']): string => `${pin} ${canonicalConfig(config)}`;
