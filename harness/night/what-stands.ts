import { canonicalConfig } from '../../matrices/config.ts';
import type { Failure, Report, ReportedPin } from '../../reports/report-model.ts';
import type { CellVerdict, Evidence, Reason, Verdicts } from '../../reports/verdicts-model.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { Table } from '../table.ts';
import { followedBy } from './follow.ts';

/**
 * What is known of every pin of tonight before it is asked: of the pins of the last good night what they came to, and of a
 * new pin what the one came to that it follows. So nothing that was not asked on one night is forgotten on the next.
 *
 * @returns With the pin that each of tonight's follows, where that is another one.
 */
export const inherit = (
  before: StoredCampaign,
  pins: readonly ReportedPin[],
): { readonly standing: StoredCampaign; readonly follows: ReadonlyMap<string, string> } => {
  const known = before.report.pins;
  const heirs = pins.flatMap((pin) => {
    const from = followedBy(pin, known);
    return from === undefined || from === pin.id ? [] : [{ pin, from }];
  });
  const { report, verdicts } = before;
  const copied = <T extends { readonly pin: string }>(items: readonly T[]): readonly T[] =>
    heirs.flatMap(({ pin, from }) =>
      items.filter((item) => item.pin === from).map((item) => ({ ...item, pin: pin.id })),
    );
  return {
    follows: new Map(heirs.map(({ pin, from }) => [pin.id, from])),
    standing: {
      report: {
        ...report,
        pins: [...known, ...heirs.map(({ pin }) => pin)],
        failures: report.failures.map((failure) => ({
          ...failure,
          pins: [...failure.pins, ...heirs.filter(({ from }) => failure.pins.includes(from)).map(({ pin }) => pin.id)],
        })),
      },
      verdicts: { ...verdicts, cells: [...verdicts.cells, ...copied(verdicts.cells)] },
    },
  };
};

/** Names what stands after a night, in the place of a campaign: `week@2026-09-15`. */
export const standingId = (matrix: string, day: string): string => `${matrix}@${day}`;

/**
 * What stands after tonight: of every cell the newest verdict that says something. One that was skipped, broken or flaky
 * takes nothing away from what was known; a pin that is no longer asked stays as it was.
 *
 * @param before - What is known of tonight's pins already; absent on the first night.
 * @param tonight - Campaigns, in the order in which they were run.
 * @param id - What it is called, where it is compared.
 */
export const whatStands = (
  before: StoredCampaign | undefined,
  tonight: readonly StoredCampaign[],
  id: string,
): StoredCampaign => {
  const all = before === undefined ? tonight : [before, ...tonight];
  const newest = all.at(-1);
  if (newest === undefined) throw new Error('a night without a campaign');
  const verdicts = newestOf(all, id);
  const pins = pinsOf(all);
  return {
    verdicts,
    report: {
      ...newest.report,
      campaign: { ...newest.report.campaign, id },
      pins,
      failures: failuresOf(all, pins, verdicts),
    },
  };
};

/** Whether a verdict decides anything. */
const isConclusive = ({ verdict, failures = [] }: CellVerdict): boolean =>
  verdict === 'pass' || verdict === 'unsupported' || (verdict === 'fail' && failures.length > 0);

const newestOf = (all: readonly StoredCampaign[], id: string): Verdicts => {
  const evidence = new Table<Evidence>();
  const reasons = new Table<Reason>();
  const newest = new Map<string, CellVerdict>();
  for (const { verdicts } of all) {
    for (const cell of verdicts.cells) {
      const key = `${cell.pin} ${canonicalConfig(cell.config)}`;
      if (newest.has(key) && !isConclusive(cell)) continue;
      const reason = verdicts.reasons[cell.reason ?? -1];
      const place = verdicts.evidence[cell.evidence];
      newest.set(key, {
        ...cell,
        ...(reason === undefined ? {} : { reason: reasons.indexOf(reason) }),
        evidence: place === undefined ? cell.evidence : evidence.indexOf(place),
      });
    }
  }
  return {
    version: 1,
    campaign: id,
    defaults: all.at(-1)?.verdicts.defaults ?? {},
    evidence: evidence.items,
    reasons: reasons.items,
    cells: [...newest.values()],
  };
};

/** Each pin once, as it was when it was opened last: of one that never was, nothing is known. */
const pinsOf = (all: readonly StoredCampaign[]): readonly ReportedPin[] => {
  const opened = all.flatMap(({ report }) => report.pins.filter(({ versions }) => Object.keys(versions).length > 0));
  return [...new Map(opened.map((pin) => [pin.id, pin])).values()];
};

/** Those that a cell shows, or that keep a pin from being imported. What was only met while shrinking is none of them. */
const failuresOf = (
  all: readonly StoredCampaign[],
  pins: readonly ReportedPin[],
  { cells }: Verdicts,
): readonly Failure[] => {
  const shown = new Map<string, CellVerdict[]>();
  for (const cell of cells) for (const id of cell.failures ?? []) shown.set(id, [...(shown.get(id) ?? []), cell]);
  const details = new Map(
    all.flatMap(({ report }) => report.failures.map((failure) => [failure.id, failure] as const)),
  );
  const imports = importFailures(all, pins);
  return [...details.values()].flatMap((failure) => {
    const showing = shown.get(failure.id) ?? [];
    const on = new Set([...showing.map(({ pin }) => pin), ...(imports.get(failure.id) ?? [])]);
    if (on.size === 0) return [];
    return [{ ...failure, cells: showing.length, pins: pins.map(({ id }) => id).filter((id) => on.has(id)) }];
  });
};

/** By id of the failure: the pins that it keeps from being imported, as the last campaign says that could tell. */
const importFailures = (
  all: readonly StoredCampaign[],
  pins: readonly ReportedPin[],
): ReadonlyMap<string, readonly string[]> => {
  const found = pins.flatMap(({ id }) => {
    const last = all.findLast(({ report, verdicts }) => couldTell(report, verdicts, id));
    return (last?.report.failures ?? [])
      .filter((failure) => keepsFromImport(failure, id))
      .map((failure) => ({ failure, id }));
  });
  const groups = Map.groupBy(found, ({ failure }) => failure.id);
  return new Map([...groups].map(([failure, on]) => [failure, on.map(({ id }) => id)]));
};

const keepsFromImport = ({ phase, pins }: Failure, pin: string): boolean => phase === 'import' && pins.includes(pin);

/** It was imported, or failed to be. */
const couldTell = ({ failures }: Report, { cells }: Verdicts, pin: string): boolean =>
  failures.some((failure) => keepsFromImport(failure, pin)) ||
  cells.some((cell) => cell.pin === pin && ['pass', 'fail', 'flaky'].includes(cell.verdict));
