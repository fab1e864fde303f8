import { cutToWidth, padEndToWidth, padStartToWidth, textWidth } from '../text/text-width.ts';
import type { Paint, Style } from './paint.ts';

interface TableCell {
  readonly text: string;
  readonly style: Style;
}

export interface TableColumn {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** May be cut to this many columns when the table is too wide; absent: never. */
  readonly shrinkTo?: number;
  readonly cells: readonly TableCell[];
}

/** Lines of a table: titles, then rows; two blanks between columns, or one where two are too many. */
export const renderTable = (columns: readonly TableColumn[], width: number, paint: Paint): readonly string[] => {
  const gap = tableWidth(columns) <= width ? 2 : 1;
  const widths = fit(columns, tableWidth(columns, gap) - width);
  const rows = columns[0]?.cells.map((_, row) => columns.map((column) => column.cells[row])) ?? [];
  const titles = columns.map(({ title }) => ({ text: title, style: 'faint' as const }));
  return [titles, ...rows].map((row) =>
    row
      .map((cell, index) => renderCell(cell, columns[index]?.align ?? 'left', widths[index] ?? 0, paint))
      .join(' '.repeat(gap))
      .trimEnd(),
  );
};

/** Width of a table that nobody cuts. */
export const tableWidth = (columns: readonly TableColumn[], gap = 2): number =>
  columns.reduce((sum, column) => sum + naturalWidth(column) + gap, -gap);

const renderCell = (cell: TableCell | undefined, align: 'left' | 'right', width: number, paint: Paint): string => {
  const { text, style } = cell ?? { text: '', style: 'plain' };
  const cut = cutToWidth(text, width);
  return paintInside(align === 'left' ? padEndToWidth(cut, width) : padStartToWidth(cut, width), style, paint);
};

/** Paints the text but not the blanks around it. */
const paintInside = (text: string, style: Style, paint: Paint): string => {
  const inside = text.trim();
  return inside === '' ? text : text.replace(inside, () => paint(style, inside));
};

const fit = (columns: readonly TableColumn[], tooMuch: number): readonly number[] => {
  let excess = tooMuch;
  return columns.map((column) => {
    const natural = naturalWidth(column);
    const given = Math.max(0, Math.min(excess, natural - (column.shrinkTo ?? natural)));
    excess -= given;
    return natural - given;
  });
};

const naturalWidth = ({ title, cells }: TableColumn): number =>
  Math.max(textWidth(title), ...cells.map(({ text }) => textWidth(text)));
