import type { Catalogue } from '../matrices/catalogue.ts';
import type { Config } from '../matrices/config.ts';
import { isCore } from '../matrices/phase.ts';
import type { Failure } from '../reports/report-model.ts';
import type { SupportFailure, SupportMatrix, SupportRow } from '../reports/support-matrix/support-matrix-model.ts';
import { compareReleases, supportRanges } from '../reports/support-matrix/support-ranges.ts';
import { oneLine } from '../reports/text/safe-text.ts';
import { unaskedAs } from '../reports/unasked-as.ts';
import type { Evidence, Reason } from '../reports/verdicts-model.ts';
import { canonicalJson } from './cell-key.ts';
import { newestVerdicts, type MergedCell, type RowPlace, type StoredCampaign } from './newest-verdicts.ts';
import { supportCell, type Tables } from './support-cell.ts';
import { Table } from './table.ts';

/**
 * What works, from the verdicts of any number of campaigns. Where two of them tell of the same cell, the one that was
 * finished last is believed. It depends on nothing but its arguments.
 */
export const makeSupportMatrix = (campaigns: readonly StoredCampaign[], catalogue: Catalogue): SupportMatrix => {
  const stored = campaigns.toSorted((left, right) => orderOf(finishedAt(left), finishedAt(right)));
  const reports = stored.map(({ report }) => report);
  const cells = newestVerdicts(stored);
  const releases = [...new Set(stored.flatMap(releasesOf))].toSorted(compareReleases);
  const phasesOf = remembering(
    ({ report }) => new Map(report.failures.map(({ id, phase }) => [id, phase])),
    ({ report }) => report,
  );
  const tables: MatrixTables = {
    campaigns: stored,
    environments: new Table(),
    evidence: new Table(),
    reasons: new Table(),
    configs: new Table(),
    environmentOf: remembering(
      (cell) => tables.environments.indexOf(environmentOf(cell)),
      ({ pin }) => pin,
    ),
    campaignOf: remembering(
      ({ report }) => reports.indexOf(report),
      ({ report }) => report,
    ),
    isTrained: (cell) =>
      cell.failures.length > 0 && cell.failures.every((id) => comesAfterTraining(phasesOf(cell).get(id))),
  };
  // Environments in the order of releases, whatever cells there are.
  const imports = importFailures(stored, tables);
  const rows = [...Map.groupBy(cells, ({ row }) => row)]
    .map(([row, group]) => makeRow(row, group, releases, tables))
    .toSorted(rowOrder(catalogue, tables));
  return {
    version: 1,
    asOf: stored.map(finishedAt).at(-1) ?? new Date(0).toISOString(),
    releases,
    shardings: listed(
      catalogue,
      'sharding',
      rows.map(({ sharding }) => sharding),
    ),
    precisions: listed(
      catalogue,
      'precision',
      rows.map(({ precision }) => precision),
    ),
    defaults: stored.at(-1)?.verdicts.defaults ?? {},
    campaigns: stored.map(({ report: { campaign } }) => ({
      id: campaign.id,
      matrix: campaign.matrix,
      executor: campaign.executor,
      finishedAt: campaign.finishedAt,
      complete: campaign.complete,
    })),
    evidence: tables.evidence.items,
    environments: tables.environments.items.map((environment, index) => ({
      ...environment,
      ...(imports.get(index) === undefined ? {} : { importFailure: imports.get(index) ?? '' }),
    })),
    unasked: stored.flatMap(unaskedPins),
    methods: catalogue.adapters.map(({ name, description, configClass, since, until }) => ({
      name,
      ...(description === undefined ? {} : { description }),
      configClass,
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    })),
    reasons: tables.reasons.items,
    configs: tables.configs.items,
    failures: failuresOf(stored, new Set([...cells.flatMap(({ failures }) => failures), ...imports.values()])),
    rows,
  };
};

/** Whether a failure in this phase leaves a trained adapter. */
const comesAfterTraining = (phase: string | undefined): boolean => phase !== undefined && !isCore(phase);

interface MatrixTables extends Tables {
  readonly campaigns: readonly StoredCampaign[];
  readonly environments: Table<Environment>;
  readonly evidence: Table<Evidence>;
  readonly reasons: Table<Reason>;
  readonly configs: Table<Config>;
}

type Environment = Omit<SupportMatrix['environments'][number], 'importFailure'>;

const environmentOf = ({
  report,
  pin: { device, versions },
  release,
}: Pick<MergedCell, 'report' | 'pin' | 'release'>): Environment => ({
  release,
  device,
  executor: report.campaign.executor,
  versions: Object.fromEntries(Object.entries(versions).toSorted(([left], [right]) => orderOf(left, right))),
});

const makeRow = (
  { method, sharding, precision, evidence }: RowPlace,
  cells: readonly MergedCell[],
  releases: readonly string[],
  tables: MatrixTables,
): SupportRow => {
  const byRelease = Map.groupBy(cells, ({ release }) => release);
  const states = new Map(
    releases.flatMap((release) => {
      const group = byRelease.get(release);
      return group === undefined ? [] : [[release, supportCell(group, tables)] as const];
    }),
  );
  return {
    method,
    sharding,
    precision,
    evidence: tables.evidence.indexOf(evidence),
    cells: Object.fromEntries(states),
    ranges: supportRanges(releases, (release) => states.get(release)?.state ?? 'unknown'),
  };
};

/** Asks once for each `what`: cells are many, and what they tell of their pin or campaign is the same. */
const remembering = <T>(
  ask: (cell: MergedCell) => T,
  what: (cell: MergedCell) => object,
): ((cell: MergedCell) => T) => {
  const known = new Map<object, T>();
  return (cell) => {
    const answer = known.get(what(cell)) ?? ask(cell);
    known.set(what(cell), answer);
    return answer;
  };
};

/** Methods, shardings and precisions in the order of the data, which is that of their simplicity. */
const rowOrder = (
  catalogue: Catalogue,
  { evidence }: MatrixTables,
): ((left: SupportRow, right: SupportRow) => number) => {
  const place = (axis: string, value: string): number => {
    const index = valuesOf(catalogue, axis).indexOf(value);
    return index === -1 ? Infinity : index;
  };
  const keys = (row: SupportRow): readonly number[] => [
    place('adapter', row.method),
    place('sharding', row.sharding),
    place('precision', row.precision),
  ];
  const tie = (row: SupportRow): string =>
    canonicalJson([row.method, row.sharding, row.precision, evidence.items[row.evidence]]);
  return (left, right) => {
    const [mine, theirs] = [keys(left), keys(right)];
    const differing = mine.findIndex((value, index) => value !== theirs[index]);
    return differing === -1
      ? orderOf(tie(left), tie(right))
      : Math.sign((mine[differing] ?? 0) - (theirs[differing] ?? 0));
  };
};

/** The values that there are, in the order of the data; those that the data no longer have come last. */
const listed = (catalogue: Catalogue, axis: string, values: readonly string[]): readonly string[] => {
  const there = new Set(values);
  const known = valuesOf(catalogue, axis).filter((value) => there.has(value));
  return [...known, ...[...there].filter((value) => !known.includes(value)).toSorted(orderOf)];
};

const valuesOf = ({ axes }: Catalogue, axis: string): readonly string[] =>
  (axes.find(({ name }) => name === axis)?.values ?? []).map(String);

const finishedAt = ({ report }: StoredCampaign): string => report.campaign.finishedAt;

const releasesOf = ({ report }: StoredCampaign): readonly string[] =>
  report.pins.flatMap(({ versions }) => versions['peft'] ?? []);

/** Environments in which nothing can be imported, as the newest campaign that has them says, by their place. */
const importFailures = (
  campaigns: readonly StoredCampaign[],
  { environments }: MatrixTables,
): ReadonlyMap<number, string> => {
  const found = new Map<number, string>();
  for (const campaign of campaigns) {
    const failures = campaign.report.failures.filter(({ phase }) => phase === 'import');
    for (const pin of campaign.report.pins) {
      const release = pin.versions['peft'];
      if (release === undefined) continue;
      const place = environments.indexOf(environmentOf({ report: campaign.report, pin, release }));
      const failure = failures.find(({ pins }) => pins.includes(pin.id));
      if (failure === undefined) found.delete(place);
      else found.set(place, failure.id);
    }
  }
  return found;
};

const unaskedPins = ({ report }: StoredCampaign, campaign: number): SupportMatrix['unasked'] =>
  report.pins.flatMap((pin) => {
    const verdict = unaskedAs(pin);
    return verdict === undefined ? [] : [{ pin: pin.id, campaign, verdict, because: oneLine(pin[verdict] ?? '', 300) }];
  });

/** The failures that are named somewhere, as the newest campaign tells of them. */
const failuresOf = (
  campaigns: readonly StoredCampaign[],
  named: ReadonlySet<string>,
): Readonly<Record<string, SupportFailure>> => {
  const failures = new Map<string, SupportFailure>();
  for (const [index, { report }] of campaigns.entries()) {
    for (const failure of report.failures) {
      if (!named.has(failure.id)) continue;
      const earlier = failures.get(failure.id)?.campaigns ?? [];
      failures.set(failure.id, supportFailure(failure, [...earlier, index]));
    }
  }
  return Object.fromEntries([...failures].toSorted(([left], [right]) => orderOf(left, right)));
};

const supportFailure = (
  { property, phase, exception, message, minimal, known }: Failure,
  campaigns: readonly number[],
): SupportFailure => ({
  property,
  phase,
  exception: oneLine(exception, 80),
  message: oneLine(message, 300),
  minimal,
  campaigns,
  ...(known === undefined ? {} : { known }),
});

const orderOf = (left: string, right: string): number => (left < right ? -1 : Number(left > right));
