import { codeCell, codeSpan, link, plainText } from '../markdown/escape.ts';
import { markdownTable } from '../markdown/table.ts';
import { countOf } from '../text/count.ts';
import { showMinimal } from '../text/show-config.ts';
import { combineCells, rowsByMethod, type Combined } from './combine-states.ts';
import { showEvidence } from './evidence-words.ts';
import type { SupportFailure, SupportMatrix, SupportRow, SupportState } from './support-matrix-model.ts';
import { compareReleases } from './support-ranges.ts';

/** Failures that are listed below the tables. */
const listedFailures = 100;

/**
 * The matrix as Markdown for a README: releases across, methods down, a table for each sharding and kind of evidence. Where
 * precisions differ, a place says so for each.
 */
export const renderMatrixMarkdown = (matrix: SupportMatrix): string => {
  const sections = [
    ['## What works, by release of PEFT'],
    legend,
    ...matrix.evidence.flatMap((_, evidence) => evidenceSections(matrix, evidence)),
    failureList(matrix),
    importList(matrix),
    unaskedList(matrix),
    evidenceLine(matrix),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
};

const marks: Readonly<Record<SupportState, string>> = {
  works: '✓',
  partly: '◐',
  fails: '✗',
  'not-offered': '–',
  unknown: '?',
};

const legend: readonly string[] = [
  `${marks.works} every run passed, ${marks.partly} some passed, or trained and failed afterwards, ${marks.fails} every run failed (passed/run),`,
  `${marks['not-offered']} not offered by the release, ${marks.unknown} unknown: nothing was run.`,
];

const evidenceSections = (matrix: SupportMatrix, evidence: number): readonly (readonly string[])[] => {
  const where = matrix.evidence[evidence];
  if (where === undefined) return [];
  return matrix.shardings.flatMap((sharding) => {
    const rows = matrix.rows.filter((row) => row.evidence === evidence && row.sharding === sharding);
    if (rows.length === 0) return [];
    const precisions = matrix.precisions.filter((precision) => rows.some((row) => row.precision === precision));
    const title = `${sharding === 'none' ? 'Not sharded' : plainText(sharding, 40)}: ${showEvidence(where)}`;
    return [
      [`### ${title}`],
      [`Precision: ${precisions.map((one) => codeSpan(one, 40)).join(', ')}.`],
      table(matrix, rows, precisions),
    ];
  });
};

const table = (
  matrix: SupportMatrix,
  rows: readonly SupportRow[],
  precisions: readonly string[],
): readonly string[] => {
  const methods = [...rowsByMethod({ ...matrix, rows }, rows[0]?.evidence ?? 0)];
  const { releases } = matrix;
  return markdownTable(
    ['method', ...releases.map((release) => plainText(release, 40))],
    ['left', ...releases.map(() => 'left' as const)],
    methods.map(([method, ofMethod]) => [
      codeCell(method, 60),
      ...releases.map((release) => place(ofMethod, release, precisions)),
    ]),
  );
};

/** One mark where all precisions of the table say the same, else one for each that says something. */
const place = (rows: readonly SupportRow[], release: string, precisions: readonly string[]): string => {
  const byPrecision = precisions.map((precision) => {
    const cell = rows.find((row) => row.precision === precision)?.cells[release];
    return { precision, combined: combineCells([cell]), cell };
  });
  const states = new Set(byPrecision.map(({ combined }) => combined.state));
  if (states.size === 1) return show(combineCells(byPrecision.map(({ cell }) => cell)));
  return byPrecision
    .filter(({ combined }) => combined.state !== 'unknown')
    .map(({ precision, combined }) => `${show(combined)} ${plainText(precision, 40)}`)
    .join('<br>');
};

const show = ({ state, pass, fail, flaky }: Combined): string => {
  const ran = pass + fail + flaky;
  if (ran === 0) return marks[state];
  return state === 'works' ? `${marks.works} ${ran}` : `${marks[state]} ${pass}/${ran}`;
};

const failureList = ({ failures, rows }: SupportMatrix): readonly string[] => {
  const all = Object.entries(failures)
    .map(([id, failure]) => ({ id, failure, shown: whereShown(id, rows) }))
    .filter(({ shown }) => shown.cells > 0)
    .toSorted((left, right) => right.shown.cells - left.shown.cells || (left.id < right.id ? -1 : 1));
  if (all.length === 0) return [];
  const rest = all.length - listedFailures;
  return [
    '### What fails',
    '',
    ...all
      .slice(0, listedFailures)
      .map(({ id, failure, shown }) => `- ${failureItem(id, failure)} (${describe(shown)})`),
    ...(rest > 0 ? [`- ${countOf(rest, 'failure')} more, in \`matrix.json\``] : []),
  ];
};

interface Shown {
  readonly cells: number;
  readonly releases: number;
}

const whereShown = (id: string, rows: readonly SupportRow[]): Shown => {
  const releases = new Set<string>();
  let cells = 0;
  for (const row of rows) {
    for (const [release, cell] of Object.entries(row.cells)) {
      const found = cell.failures?.find((failure) => failure.id === id);
      if (found === undefined) continue;
      releases.add(release);
      cells += found.cells;
    }
  }
  return { cells, releases: releases.size };
};

const describe = ({ cells, releases }: Shown): string => `${countOf(cells, 'run')}, ${countOf(releases, 'release')}`;

const failureItem = (id: string, failure: SupportFailure): string => {
  const { exception, message, known, property } = failure;
  const what = `${codeSpan(id, 16)} ${codeSpan(property, 60)}: ${codeSpan(`${exception}: ${message}`, 200)}`;
  const config = `with ${codeSpan(showMinimal(failure), 300)}`;
  return known === undefined
    ? `${what} ${config}`
    : `${what} ${config}, known (${known.kind}): ${link(known.title, known.link)}`;
};

const importList = ({ environments }: SupportMatrix): readonly string[] => {
  const failing = environments.filter(({ importFailure }) => importFailure !== undefined);
  if (failing.length === 0) return [];
  return [
    '### What cannot be imported',
    '',
    ...failing.map(
      ({ importFailure = '', versions }) =>
        `- ${codeSpan(showVersions(versions), 400)}: ${codeSpan(importFailure, 16)}`,
    ),
  ];
};

const unaskedList = ({ unasked, campaigns }: SupportMatrix): readonly string[] =>
  unasked.length === 0
    ? []
    : [
        '### What could not be asked',
        '',
        ...unasked.map(
          ({ pin, campaign, verdict, because }) =>
            `- ${verdict}: ${codeSpan(pin, 80)} of ${codeSpan(campaigns[campaign]?.id ?? '', 80)}: ${codeSpan(because, 200)}`,
        ),
      ];

/** What all of it stands on. */
const runsOf = (row: SupportRow): number =>
  Object.values(row.cells).reduce((sum, { pass = 0, fail = 0, flaky = 0 }) => sum + pass + fail + flaky, 0);

const evidenceLine = ({ asOf, campaigns, environments, evidence, rows }: SupportMatrix): readonly string[] => {
  const runs = rows.reduce((sum, row) => sum + runsOf(row), 0);
  const ran = new Set(rows.filter((row) => runsOf(row) > 0).map((row) => row.evidence));
  const places = evidence.filter((_, index) => ran.has(index)).map(showEvidence);
  return [
    `Evidence: ${countOf(runs, 'run')} in ${countOf(environments.length, 'environment')},`,
    ...(places.length === 0 ? [] : [`on ${plainText(places.join('; '))},`]),
    `by ${campaigns.map(({ id }) => codeSpan(id, 80)).join(', ')}, the last of ${asOf.slice(0, 10)}.`,
    `Other versions they were run with: ${codeSpan(spreadOf(environments), 600)}.`,
    'Models are tiny and train three steps: a pass is no proof.',
  ];
};

/** `torch 2.13.0+cpu; transformers 4.57.3 to 5.23.0`: from the oldest to the newest of each. */
const spreadOf = (environments: SupportMatrix['environments']): string =>
  ['python', 'torch', 'transformers', 'accelerate']
    .flatMap((name) => {
      const versions = [...new Set(environments.flatMap((one) => one.versions[name] ?? []))].toSorted(compareReleases);
      if (versions.length === 0) return [];
      return [versions.length === 1 ? `${name} ${versions[0]}` : `${name} ${versions[0]} to ${versions.at(-1)}`];
    })
    .join('; ');

const showVersions = (versions: Readonly<Record<string, string>>): string =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
