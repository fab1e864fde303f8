import type { Summary } from './statistics.ts';

/** What a part of the bench found, ready to be written. */
export interface Section {
  readonly title: string;
  /** How it was measured, Markdown. */
  readonly text: string;
  /** Markdown. */
  readonly table: string;
  readonly targets: readonly Target[];
}

export interface Target {
  readonly what: string;
  readonly got: string;
  readonly want: string;
  readonly met: boolean;
}

/** A section as it stands in `RESULTS.md`; `setting` is what a reader has to know to judge the numbers. */
export const renderSection = ({ title, text, table, targets }: Section, setting: string): string =>
  [`## ${title}`, setting, text, table, targets.map(targetLine).join('\n')]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n');

const targetLine = ({ what, got, want, met }: Target): string =>
  `- ${what}: **${got}**, wanted ${want}: ${met ? 'met' : 'NOT met'}`;

/** A Markdown table; all columns but the first hold numbers. */
export const markdownTable = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const widths = titles.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(cells[column] ?? '', width, column)).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(titles), line(rule), ...rows.map(line)].join('\n');
};

const pad = (text: string, width: number, column: number): string =>
  column === 0 ? text.padEnd(width) : text.padStart(width);

/** Median, and from least to most, of milliseconds. */
export const seconds = ({ median, min, max }: Summary): string =>
  `${inSeconds(median)} s (${inSeconds(min)} to ${inSeconds(max)})`;

/** Milliseconds as seconds, three digits. */
export const inSeconds = (ms: number): string => (ms / 1000).toPrecision(3);

export const times = (ratio: number): string => `${ratio.toFixed(ratio < 10 ? 2 : 0)} times`;

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
