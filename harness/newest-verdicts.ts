import type { Config } from '../matrices/config.ts';
import type { Report, ReportedPin } from '../reports/report-model.ts';
import type { CellVerdict, Evidence, Reason, Verdicts } from '../reports/verdicts-model.ts';
import { canonicalJson } from './cell-key.ts';

/**
 * A campaign as it is kept in the results folder. Its verdicts may be read anew each time that they are asked for: many
 * campaigns together have more cells than there should be in memory at once.
 */
export interface StoredCampaign {
  readonly report: Report;
  readonly verdicts: Verdicts;
}

/** What a row of the support matrix is of; the same object for the same row. */
export interface RowPlace {
  readonly method: string;
  readonly sharding: string;
  readonly precision: string;
  readonly evidence: Evidence;
}

/** A cell's verdict, with all that the support matrix wants to know of it. There are many: what they share is one object. */
export interface MergedCell {
  readonly report: Report;
  readonly pin: ReportedPin;
  /** Release of PEFT. */
  readonly release: string;
  readonly row: RowPlace;
  /**
   * What of its config differs from the defaults beside what the row says, as `canonicalConfig` writes it: text takes a
   * fraction of an object's room.
   */
  readonly config: string;
  /** How many values those are. */
  readonly away: number;
  readonly verdict: CellVerdict['verdict'];
  readonly failures: readonly string[];
  readonly reason: Reason;
}

/**
 * One verdict for each cell that any of the campaigns tells of: the newest that says something. `skipped` and `broken` say
 * nothing, and stand only where there is nothing else.
 *
 * @param campaigns - Oldest first. The verdicts of each are asked for once, and not kept.
 */
export const newestVerdicts = (campaigns: readonly StoredCampaign[]): readonly MergedCell[] => {
  const newest: Groups = new Map();
  const rows = new Map<string, RowPlace>();
  for (const campaign of campaigns) mergeInto(newest, rows, campaign);
  return [...newest.values()].flatMap((cells) => [...cells.values()]);
};

/** Cells by their config, in groups of the same versions, device, executor, method, sharding and precision. */
type Groups = Map<string, Map<string, MergedCell>>;

const mergeInto = (newest: Groups, rows: Map<string, RowPlace>, { report, verdicts }: StoredCampaign): void => {
  const groupOf = groupsOf(report, verdicts, newest, rows);
  for (const { pin, config, verdict, failures = none, reason = -1, evidence } of verdicts.cells) {
    const group = groupOf(pin, config, evidence);
    if (group === undefined) continue;
    const names = Object.keys(config).filter((name) => !ofRow.has(name));
    const text = JSON.stringify(names.toSorted().map((name) => [name, config[name]]));
    const known = group.cells.get(text);
    if (known !== undefined && !saysSomething(verdict) && saysSomething(known.verdict)) continue;
    // Written out, for spreading takes most of the time here.
    const { pin: on, release, row } = group;
    const because = verdicts.reasons[reason] ?? noReason;
    const away = names.length;
    group.cells.set(text, { report, pin: on, release, row, config: text, away, verdict, failures, reason: because });
  }
};

const ofRow = new Set(['adapter', 'sharding', 'precision']);

/** Where the cells of a campaign belong that have pin, method, sharding, precision and evidence in common. */
interface Group extends Pick<MergedCell, 'pin' | 'release' | 'row'> {
  readonly cells: Map<string, MergedCell>;
}

/** Every cell is asked for its group, and there are few: each is looked for once. */
const groupsOf = (
  report: Report,
  verdicts: Verdicts,
  newest: Groups,
  rows: Map<string, RowPlace>,
): ((pin: string, config: Config, evidence: number) => Group | undefined) => {
  const { executor } = report.campaign;
  const pins = new Map(
    report.pins.map((pin) => [pin.id, { pin, place: canonicalJson([executor, pin.device, pin.versions]) }]),
  );
  const places = verdicts.evidence.map((evidence) => canonicalJson(evidence));
  const known = new Map<string, Group | undefined>();
  const find = (id: string, config: Config, index: number): Group | undefined => {
    const { pin, place } = pins.get(id) ?? {};
    const release = pin?.versions['peft'];
    const evidence = verdicts.evidence[index];
    if (pin === undefined || release === undefined || evidence === undefined) return undefined;
    const valueOf = (axis: string): string => String(config[axis] ?? verdicts.defaults[axis] ?? 'none');
    const [method, sharding, precision] = [valueOf('adapter'), valueOf('sharding'), valueOf('precision')];
    const axes = `${method}\n${sharding}\n${precision}`;
    const cells = getOrPut(newest, `${axes}\n${place}`, () => new Map<string, MergedCell>());
    const row = getOrPut(rows, `${axes}\n${places[index]}`, () => ({ method, sharding, precision, evidence }));
    return { pin, release, row, cells };
  };
  return (pin, config, evidence) => {
    const name = `${pin}\n${config['adapter']}\n${config['sharding']}\n${config['precision']}\n${evidence}`;
    if (!known.has(name)) known.set(name, find(pin, config, evidence));
    return known.get(name);
  };
};

const getOrPut = <T>(map: Map<string, T>, key: string, make: () => T): T => {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
};

const none: readonly string[] = [];

const noReason: Reason = { because: 'no reason was given' };

const saysSomething = (verdict: CellVerdict['verdict']): boolean => verdict !== 'skipped' && verdict !== 'broken';
