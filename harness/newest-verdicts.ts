import { canonicalConfig, type Config } from '../matrices/config.ts';
import type { Report, ReportedPin } from '../reports/report-model.ts';
import type { CellVerdict, Evidence, Reason, Verdicts } from '../reports/verdicts-model.ts';
import { canonicalJson } from './cell-key.ts';

/** A campaign as it is kept in the results folder. */
export interface StoredCampaign {
  readonly report: Report;
  readonly verdicts: Verdicts;
}

/** A cell's verdict, with all that the support matrix wants to know of it. */
export interface MergedCell {
  readonly campaign: StoredCampaign;
  readonly pin: ReportedPin;
  /** Release of PEFT. */
  readonly release: string;
  /** Values that differ from the defaults. */
  readonly config: Config;
  readonly verdict: CellVerdict['verdict'];
  readonly failures: readonly string[];
  readonly reason: Reason;
  readonly evidence: Evidence;
}

/**
 * One verdict for each cell that any of the campaigns tells of: the newest that says something. `skipped` and `broken` say
 * nothing, and stand only where there is nothing else.
 *
 * @param campaigns - Oldest first.
 */
export const newestVerdicts = (campaigns: readonly StoredCampaign[]): readonly MergedCell[] => {
  const newest = new Map<string, MergedCell>();
  for (const campaign of campaigns) {
    for (const [key, cell] of cellsOf(campaign)) {
      const known = newest.get(key);
      if (known === undefined || saysSomething(cell) || !saysSomething(known)) newest.set(key, cell);
    }
  }
  return [...newest.values()];
};

const saysSomething = ({ verdict }: MergedCell): boolean => verdict !== 'skipped' && verdict !== 'broken';

const cellsOf = (campaign: StoredCampaign): readonly (readonly [string, MergedCell])[] => {
  const { report, verdicts } = campaign;
  const pins = new Map(report.pins.map((pin) => [pin.id, { pin, place: canonicalJson([pin.device, pin.versions]) }]));
  return verdicts.cells.flatMap((cell) => {
    const found = pins.get(cell.pin);
    const release = found?.pin.versions['peft'];
    const evidence = verdicts.evidence[cell.evidence];
    if (found === undefined || release === undefined || evidence === undefined) return [];
    const { config, verdict, failures = [] } = cell;
    const reason = verdicts.reasons[cell.reason ?? -1] ?? { because: 'no reason was given' };
    const key = `${report.campaign.executor} ${found.place} ${canonicalConfig(config)}`;
    return [[key, { campaign, pin: found.pin, release, config, verdict, failures, reason, evidence }] as const];
  });
};
