import type { FailureChange } from '../diff/diff-model.ts';
import { culpritsOf, nightSummary, nightTitle, pinNews } from '../night/night-lines.ts';
import type { Night } from '../night/night-model.ts';
import { newsOf } from '../night/night-news.ts';
import type { Failure } from '../report-model.ts';
import { oneLine } from '../text/safe-text.ts';
import { showExample, showMinimal } from '../text/show-config.ts';
import { wrapWords } from '../text/text-width.ts';
import { paintWith, type Paint, type Style } from './paint.ts';
import type { TerminalOptions } from './render-terminal.ts';

/** What came and went in a night, for a person at a terminal. */
export const renderNight = (night: Night, options: Pick<TerminalOptions, 'colour' | 'width'>): string => {
  const paint = paintWith(options.colour);
  const width = Math.max(40, options.width);
  const { broke, found, mended } = newsOf(night);
  const culprits = culpritsOf(night);
  const block = (word: string, style: Style, failure: Told, id: string): readonly string[] =>
    newsBlock(word, style, failure, culprits.get(id) ?? '', width, paint);
  const sections = [
    [...wrapWords(nightTitle(night), width), ...pinLines(night, width)],
    ...broke.map((change) => block(change.change, change.change === 'changed' ? 'odd' : 'bad', change, change.failure)),
    ...found.map(({ failure }) =>
      block('found', failure.known === undefined ? 'bad' : 'odd', { ...failure, known: failure.known?.id }, failure.id),
    ),
    ...mended.map((change) => newsBlock(change.change, 'good', change, '', width, paint)),
    nightSummary(night).flatMap((line) => wrapWords(line, width)),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
};

const pinLines = ({ pins, leftOut }: Night, width: number): readonly string[] =>
  [
    ...pins.map(pinNews).filter((line) => line !== ''),
    ...(leftOut.length === 0 ? [] : [`not out yet: ${oneLine(leftOut.join(', '))}`]),
  ].flatMap((line) => wrapWords(line, width));

/** What a change of a failure and a failure have in common. */
type Told = Pick<Failure, 'property' | 'phase' | 'exception' | 'message' | 'minimal' | 'pins'> & {
  readonly known?: string | undefined;
  readonly example?: FailureChange['example'];
  readonly id?: string;
  readonly failure?: FailureChange['failure'];
};

const newsBlock = (
  word: string,
  style: Style,
  told: Told,
  culprit: string,
  width: number,
  paint: Paint,
): readonly string[] => [
  `${paint(style, word.toUpperCase().padEnd(9))}  ${paint('strong', oneLine(told.failure ?? told.id ?? '', 16))}  ${oneLine(`${told.property}/${told.phase}`, 80)}`,
  ...indented(`${oneLine(told.exception, 80)}: ${oneLine(told.message, 300)}`, width),
  ...indented(`config   ${showMinimal(told)}`, width),
  ...indentedField('such as', showExample(told), width),
  ...indented(`pins     ${oneLine(told.pins.join(', '))}`, width),
  ...indentedField('culprit', culprit, width),
  ...(told.known === undefined ? [] : indented(`known as ${oneLine(told.known, 80)}`, width)),
];

const indentedField = (name: string, text: string, width: number): readonly string[] =>
  text === '' ? [] : indented(`${name.padEnd(8)} ${text}`, width);

const indented = (text: string, width: number): readonly string[] =>
  wrapWords(text, width - 11).map((line) => `           ${line}`);
