import { isAside, newFirst, outcomeOf } from '../outcome.ts';
import { summaryOf } from '../summary.ts';
import type { Report } from '../report-model.ts';
import { countOf } from '../text/count.ts';
import { manyLines, oneLine } from '../text/safe-text.ts';
import { showConfig } from '../text/show-config.ts';
import { wrapWords } from '../text/text-width.ts';
import { failureBlock } from './failure-block.ts';
import { paintWith } from './paint.ts';
import type { Paint } from './paint.ts';
import { pinTable } from './pin-table.ts';

export interface TerminalOptions {
  readonly colour: boolean;
  /** Columns; at least 40 are used. */
  readonly width: number;
  /** Only what needs attention and the summary, without the table of pins and the reasons of what was not run. */
  readonly quiet?: boolean;
}

/** The final report for a person at a terminal, ending with a newline. New failures come first; none is left out. */
export const renderTerminal = (report: Report, options: TerminalOptions): string => {
  const paint = paintWith(options.colour);
  const width = Math.max(40, options.width);
  const quiet = options.quiet === true;
  const sections = [
    quiet ? [] : pinTable(report, width, paint),
    ...newFirst(report.failures)
      .filter((failure) => !isAside(failure))
      .map((failure) => failureBlock(failure, width, paint)),
    asideLines(report, width, paint),
    flakyLines(report, width, paint),
    staleLines(report, width, paint),
    brokenLines(report, paint),
    quiet ? [] : reasonLines(report, width, paint),
    summaryLines(report, width, paint),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
};

const asideLines = ({ failures }: Report, width: number, paint: Paint): readonly string[] => {
  const aside = failures
    .filter(isAside)
    .map((failure) => `${oneLine(failure.id, 16)} ${oneLine(failure.known?.id ?? '', 80)}`);
  return aside.length === 0
    ? []
    : hanging('MET  ', `while shrinking, in no cell of the plan, and known: ${aside.join(', ')}`, width).map(
        (line, index) => (index === 0 ? line.replace('MET', paint('odd', 'MET')) : line),
      );
};

const flakyLines = ({ flaky }: Report, width: number, paint: Paint): readonly string[] =>
  flaky.flatMap(({ pin, config, property, attempts, failed }) =>
    hanging(
      'FLAKY',
      `${oneLine(pin, 80)} ${showConfig(config)}: ${oneLine(property, 60)} failed ${failed} of ${attempts} times`,
      width,
    ).map((line, index) => (index === 0 ? line.replace('FLAKY', paint('odd', 'FLAKY')) : line)),
  );

const staleLines = ({ expectations, refusals }: Report, width: number, paint: Paint): readonly string[] =>
  [
    ...expectations.map(({ id, title, file = 'known-issues.yaml', state }) => ({
      state,
      text: `${oneLine(id, 80)}: ${oneLine(title, 300)}. It was put to the test and did not fail: remove it from ${oneLine(file, 200)}.`,
    })),
    ...refusals.map(({ id, because, state }) => ({
      state,
      text: `${oneLine(id, 80)}: ${oneLine(because, 300)}. PEFT did not refuse it: mend refusals.yaml.`,
    })),
  ]
    .filter(({ state }) => state === 'stale')
    .flatMap(({ text }) =>
      hanging('STALE', text, width).map((line, index) =>
        index === 0 ? line.replace('STALE', paint('bad', 'STALE')) : line,
      ),
    );

const brokenLines = ({ pins, broken = {} }: Report, paint: Paint): readonly string[] => [
  ...pins.flatMap(({ id, broken: reason }) =>
    reason === undefined
      ? []
      : [`${paint('odd', 'BROKEN')}  ${oneLine(id, 80)} could not be asked:`].concat(
          manyLines(reason, 20, 300).map((line) => `        ${line}`),
        ),
  ),
  ...Object.entries(broken).map(
    ([reason, cells]) => `${paint('odd', 'BROKEN')}  ${countOf(cells, 'cell')}: ${oneLine(reason, 300)}`,
  ),
];

const reasonLines = (
  { campaign: { unrepeated = 0 }, pins, unsupported, skipped }: Report,
  width: number,
  paint: Paint,
): readonly string[] =>
  [
    ...(unrepeated > 0 ? [['skipped', sameSeed, countOf(unrepeated, 'second run')] as const] : []),
    ...Object.entries(unsupported).map(([reason, cells]) => ['unsupported', reason, cells] as const),
    ...Object.entries(skipped).map(([reason, cells]) => ['skipped', reason, cells] as const),
    ...pins.flatMap(({ id, skipped: reason }) => (reason === undefined ? [] : [['skipped', reason, id] as const])),
  ].flatMap(([kind, reason, what]) =>
    hanging(
      kind.padEnd(11),
      `${typeof what === 'number' ? countOf(what, 'cell') : oneLine(what, 80)}: ${oneLine(reason, 300)}`,
      width,
    ).map((line) => paint('faint', line)),
  );

/** What a second run is for. */
const sameSeed = 'whether the same seed gives the same run';

const summaryLines = (report: Report, width: number, paint: Paint): readonly string[] => {
  const { exitCode, reasons } = outcomeOf(report);
  const style = exitCode === 0 ? 'good' : exitCode === 1 ? 'bad' : 'odd';
  const meaning = exitCode === 0 ? 'as expected' : reasons.join('; ');
  return [
    ...wrapWords(summaryOf(report), width),
    ...wrapWords(`exit ${exitCode}: ${meaning}`, width).map((line) => paint(style, line)),
  ];
};

/** A mark and a text that is wrapped beside it. */
const hanging = (mark: string, text: string, width: number): readonly string[] =>
  wrapWords(text, Math.max(20, width - mark.length - 2)).map(
    (line, index) => `${index === 0 ? mark : ' '.repeat(mark.length)}  ${line}`,
  );
