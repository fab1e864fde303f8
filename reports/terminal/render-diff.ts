import { changeKinds, type CampaignDiff, type ChangeKind, type FailureChange } from '../diff/diff-model.ts';
import { diffOutcome } from '../diff/diff-outcome.ts';
import { countOf } from '../text/count.ts';
import { oneLine } from '../text/safe-text.ts';
import { showExample, showMinimal } from '../text/show-config.ts';
import { wrapWords } from '../text/text-width.ts';
import { paintWith, type Paint, type Style } from './paint.ts';
import type { TerminalOptions } from './render-terminal.ts';

/** What changed between two campaigns, for a person at a terminal. What both show alike is counted, not listed. */
export const renderDiff = (diff: CampaignDiff, options: Pick<TerminalOptions, 'colour' | 'width'>): string => {
  const paint = paintWith(options.colour);
  const width = Math.max(40, options.width);
  const listed = diff.changes.filter(({ change }) => change !== 'same');
  const sections = [
    headLines(diff, width),
    ...listed.map((change) => changeLines(change, width, paint)),
    reasonLines(diff, width, paint),
    [summaryOf(diff)],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
};

const headLines = ({ a, b, pins: { paired, onlyA, onlyB } }: CampaignDiff, width: number): readonly string[] => {
  const unequal = paired.filter((pair) => pair.a !== pair.b);
  const apart = paired.filter((pair) => pair.a === pair.b);
  return [
    ...wrapWords(`A: ${campaignOf(a)}`, width),
    ...wrapWords(`B: ${campaignOf(b)}`, width),
    ...listLine('compared', [
      ...apart.map((pair) => pair.a),
      ...unequal.map((pair) => `${pair.a} of A with ${pair.b} of B`),
    ]),
    ...listLine('only in A', onlyA),
    ...listLine('only in B', onlyB),
  ].flatMap((line) => wrapWords(line, width));
};

const campaignOf = ({ id, executor, finishedAt, verdicts }: CampaignDiff['a']): string => {
  const missing = verdicts ? '' : '; its verdicts.json is not there, so what was asked is not known';
  return `${oneLine(id, 200)} (${oneLine(executor, 40)}, ${oneLine(finishedAt, 40)}${missing})`;
};

const listLine = (name: string, pins: readonly string[]): readonly string[] =>
  pins.length === 0 ? [] : [`${name}: ${oneLine(pins.join(', '))}`];

const styles: Readonly<Record<ChangeKind, Style>> = {
  regressed: 'bad',
  new: 'bad',
  changed: 'odd',
  fixed: 'good',
  gone: 'plain',
  'not-asked': 'faint',
  same: 'plain',
};

const changeLines = (change: FailureChange, width: number, paint: Paint): readonly string[] => {
  const { property, phase, exception, message, known, pins } = change;
  const where = `${oneLine(property, 60)}/${oneLine(phase, 20)}`;
  const example = showExample(change);
  const said = `${oneLine(exception, 80)}: ${oneLine(message, 300)}`;
  return [
    `${paint(styles[change.change], change.change.toUpperCase().padEnd(9))}  ${paint('strong', oneLine(change.failure, 16))}  ${where}`,
    ...indented(said, width),
    ...indented(`config ${showMinimal(change)}`, width),
    ...(example === '' ? [] : indented(`such as ${example}`, width)),
    ...indented(`pins ${oneLine(pins.join(', '))}; ${evidenceOf(change)}`, width),
    ...(change.was === undefined ? [] : indented(`was ${oneLine(change.was.join(', '))}`, width)),
    ...(change.becomes === undefined ? [] : indented(`now ${oneLine(change.becomes.join(', '))}`, width)),
    ...(known === undefined ? [] : indented(`known as ${oneLine(known, 80)}`, width)),
  ];
};

const indented = (text: string, width: number): readonly string[] =>
  wrapWords(text, width - 11).map((line) => `           ${line}`);

/** `3 of 12 cells passed there; 9 say nothing`. */
const evidenceOf = ({ change, cells, seen, missing }: FailureChange): string => {
  const other = change === 'fixed' || change === 'gone' || missing === 'b' ? 'B' : 'A';
  const told = [
    [seen.passed, 'passed'],
    [seen.otherwise, 'failed in another way'],
    [seen.unsupported, 'were unsupported'],
    [seen.same, 'failed alike'],
    [seen.inconclusive, 'say nothing'],
  ] as const;
  const parts = told.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
  return cells === 0
    ? 'no cell of the plan shows it'
    : `of ${countOf(cells, 'cell')}, in ${other}: ${parts.join(', ')}`;
};

const reasonLines = ({ reasons }: CampaignDiff, width: number, paint: Paint): readonly string[] =>
  reasons.flatMap(({ was, becomes, pins, cells }) => [
    `${paint('odd', 'REASON'.padEnd(9))}  ${countOf(cells, 'unsupported cell')}, ${oneLine(pins.join(', '))}`,
    ...indented(`was ${oneLine(was, 300)}`, width),
    ...indented(`now ${oneLine(becomes, 300)}`, width),
  ]);

const summaryOf = (diff: CampaignDiff): string => {
  const { counts, reasons } = diff;
  const { exitCode, meaning } = diffOutcome(diff);
  const parts = changeKinds.map((kind) => `${counts[kind]} ${kind.replace('-', ' ')}`);
  const changed = reasons.length === 0 ? '' : `; ${countOf(reasons.length, 'other reason')} of what is unsupported`;
  return `${parts.join(', ')}${changed}\nexit ${exitCode}: ${meaning}`;
};
