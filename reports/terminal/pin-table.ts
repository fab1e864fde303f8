import { methodsNotCovered } from '../not-covered.ts';
import { splitVersions } from '../pin-versions.ts';
import { unaskedAs } from '../unasked-as.ts';
import type { Counts, Report, ReportedPin } from '../report-model.ts';
import { oneLine } from '../text/safe-text.ts';
import { wrapWords } from '../text/text-width.ts';
import type { Paint, Style } from './paint.ts';
import { renderTable, tableWidth } from './text-table.ts';
import type { TableColumn } from './text-table.ts';

/**
 * One row a pin, the sum when there are several, and the versions: what all pins share is said once, below. Last the
 * methods that no adapter covers, if there are any.
 */
export const pinTable = (report: Report, width: number, paint: Paint): readonly string[] => {
  const { common, own } = splitVersions(report.pins);
  const columns = columnsFor(report, own, width);
  const table = renderTable(columns, width, paint);
  const methods = methodsNotCovered(report.pins);
  const isTold = own.every((versions) => versions === '') || tableWidth(withVersions(report, own)) <= width;
  return [
    ...table,
    ...leftOut(columns, width, paint),
    ...(isTold ? [] : ownVersions(report, own, width, paint)),
    ...(common === '' ? [] : wrapWords(`everywhere: ${common}`, width).map((line) => paint('faint', line))),
    ...(methods.length === 0 ? [] : wrapWords(`not covered: ${methods.join(', ')}`, width)),
  ];
};

interface CountColumn {
  readonly title: string;
  readonly style: Style;
  readonly count: (counts: Counts) => number;
  /** Title in a narrow table, from which the column is left out when it is zero everywhere. */
  readonly short?: string;
}

const countColumns: readonly CountColumn[] = [
  { title: 'cells', style: 'plain', count: ({ cells }) => cells },
  { title: 'pass', style: 'good', count: ({ pass }) => pass },
  { title: 'new', style: 'bad', count: ({ fail, known }) => fail - known },
  { title: 'known', style: 'known', count: ({ known }) => known },
  { title: 'flaky', style: 'odd', count: ({ flaky }) => flaky, short: 'flaky' },
  { title: 'unsupported', style: 'plain', count: ({ unsupported }) => unsupported, short: 'unsup' },
  { title: 'skipped', style: 'plain', count: ({ skipped }) => skipped, short: 'skip' },
  { title: 'broken', style: 'odd', count: ({ broken }) => broken, short: 'broken' },
];

const columnsFor = (report: Report, own: readonly string[], width: number): readonly TableColumn[] => {
  const candidates = [withVersions(report, own), basic(report, false), basic(report, true)];
  return candidates.find((columns) => tableWidth(columns) <= width) ?? basic(report, true);
};

/** What a narrow table has no room for is zero; that has to be said. */
const leftOut = (columns: readonly TableColumn[], width: number, paint: Paint): readonly string[] => {
  const shown = new Set(columns.map(({ title }) => title));
  const absent = countColumns.filter(({ title, short = title }) => !shown.has(title) && !shown.has(short));
  if (absent.length === 0) return [];
  const names = absent.map(({ title }) => title).join(', ');
  return wrapWords(`0 everywhere: ${names}`, width).map((line) => paint('faint', line));
};

const withVersions = (report: Report, own: readonly string[]): readonly TableColumn[] => [
  ...basic(report, false),
  ...(own.every((versions) => versions === '')
    ? []
    : [
        {
          title: 'versions',
          align: 'left' as const,
          cells: [...own, ...(report.pins.length > 1 ? [''] : [])].map((text) => ({ text, style: 'faint' as const })),
        },
      ]),
];

const basic = (report: Report, isNarrow: boolean): readonly TableColumn[] => {
  const rows = [...report.pins.map(({ counts }) => counts), ...(report.pins.length > 1 ? [report.counts] : [])];
  const pinCells = report.pins.map((pin) => ({
    text: oneLine(pin.id, 80),
    style: pin.broken === undefined ? ('plain' as const) : ('odd' as const),
  }));
  return [
    {
      title: 'pin',
      align: 'left',
      shrinkTo: 8,
      cells: [...pinCells, ...(report.pins.length > 1 ? [{ text: 'all', style: 'strong' as const }] : [])],
    },
    ...countColumns
      .filter(
        ({ title, short, count }) =>
          !isNarrow ||
          short === undefined ||
          rows.some((counts) => count(counts) > 0) ||
          report.pins.some((pin) => unaskedAs(pin) === title),
      )
      .map(({ title, short, style, count }) => ({
        title: isNarrow ? (short ?? title) : title,
        align: 'right' as const,
        cells: rows.map((counts, row) => countCell(report.pins[row], { title, style, count }, counts)),
      })),
  ];
};

/** A pin that was not asked has no cells to count: no number may read as if it were fine. */
const countCell = (
  pin: ReportedPin | undefined,
  { title, style, count }: Pick<CountColumn, 'title' | 'style' | 'count'>,
  counts: Counts,
): TableColumn['cells'][number] => {
  const unasked = unaskedAs(pin);
  if (unasked !== undefined) return unasked === title ? { text: 'all', style } : { text: '-', style: 'faint' };
  const value = count(counts);
  return { text: String(value), style: value === 0 ? 'faint' : style };
};

const ownVersions = (report: Report, own: readonly string[], width: number, paint: Paint): readonly string[] =>
  report.pins.flatMap((pin, index) =>
    own[index] === undefined || own[index] === ''
      ? []
      : wrapWords(`${oneLine(pin.id, 80)}: ${own[index]}`, width).map((line) => paint('faint', line)),
  );
