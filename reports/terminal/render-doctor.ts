import { isReady } from '../machine-findings.ts';
import type { Finding } from '../machine-findings.ts';
import { manyLines } from '../text/safe-text.ts';
import { wrapWords } from '../text/text-width.ts';
import { paintWith } from './paint.ts';
import type { Paint } from './paint.ts';
import type { TerminalOptions } from './render-terminal.ts';

/** What `doctor` found, one paragraph a finding, and whether a default run is possible. */
export const renderDoctor = (findings: readonly Finding[], options: Omit<TerminalOptions, 'quiet'>): string => {
  const paint = paintWith(options.colour);
  const width = Math.max(40, options.width);
  const verdict = isReady(findings)
    ? paint('good', 'A default run is possible: peft-matrix run')
    : paint('bad', 'A default run is not possible yet: see what is marked as a problem.');
  return `${[...findings.flatMap((finding) => findingLines(finding, width, paint)), '', verdict].join('\n')}\n`;
};

const marks = {
  ok: { style: 'good', word: 'ok' },
  warning: { style: 'known', word: 'warning' },
  problem: { style: 'bad', word: 'PROBLEM' },
} as const;

const indent = 23;

const findingLines = (finding: Finding, width: number, paint: Paint): readonly string[] => {
  const { style, word } = marks[finding.status];
  const room = Math.max(20, width - indent);
  const said = manyLines(finding.says, 30, 400).flatMap((line) => wrapWords(line, room));
  const advice = manyLines(finding.remedy ?? '', 10, 800).flatMap((line) => wrapWords(line, room));
  const [first = '', ...rest] = said;
  return [
    `${paint(style, word)}${' '.repeat(9 - word.length)}${paint('strong', finding.title)}${' '.repeat(Math.max(1, 14 - finding.title.length))}${first}`,
    ...rest.map((line) => ' '.repeat(indent) + line),
    ...(finding.remedy === undefined ? [] : advice.map((line) => ' '.repeat(indent) + paint('faint', line))),
  ];
};
