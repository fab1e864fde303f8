import { knownAs } from '../known-as.ts';
import { markOf } from '../outcome.ts';
import type { Failure, KnownIssue } from '../report-model.ts';
import { countOf } from '../text/count.ts';
import { oneLine } from '../text/safe-text.ts';
import { showBoundary } from '../text/show-bisect.ts';
import { showMinimal, showOtherFailing } from '../text/show-config.ts';
import { showStages } from '../text/show-stages.ts';
import { cutToWidth, textWidth, wrapWords } from '../text/text-width.ts';
import type { Paint } from './paint.ts';

/**
 * One failure: a line with its mark, id, property, phase and message, then what to know of it. A long message is cut to
 * three lines, configs are wrapped; the link and the replay command stay whole, so that they can be copied.
 */
export const failureBlock = (failure: Failure, width: number, paint: Paint): readonly string[] => [
  ...heading(failure, width, paint),
  ...field('config', showMinimal(failure), width, paint),
  ...field('also with', showOtherFailing(failure), width, paint),
  ...field('stages', showStages(failure), width, paint),
  ...field('pins', `${oneLine(failure.pins.join(', '))} (${cellsOf(failure)})`, width, paint),
  ...field('at', oneLine(failure.frames[0] ?? '', 200), width, paint),
  ...field('since', failure.since === undefined ? '' : showBoundary(failure.since), width, paint),
  ...field('fixed in', failure.fixedIn === undefined ? '' : showBoundary(failure.fixedIn), width, paint),
  ...field('note', notes[failure.confirmed], width, paint),
  ...knownLines(failure, width, paint),
  ...whole('replay', oneLine(failure.replay), paint),
];

const notes = {
  yes: '',
  no: 'it did not show again in a cold process',
  'not-run': 'not yet run again in a cold process',
} as const;

const marks = {
  new: { word: 'NEW  ', style: 'bad' },
  met: { word: 'MET  ', style: 'odd' },
  known: { word: 'KNOWN', style: 'known' },
} as const;

const cellsOf = ({ cells }: Failure): string => (cells === 0 ? 'met while shrinking: 0 cells' : countOf(cells, 'cell'));

const heading = (failure: Failure, width: number, paint: Paint): readonly string[] => {
  const { word, style } = marks[markOf(failure)];
  const id = oneLine(failure.id, 16);
  const where = `${oneLine(failure.property, 60)}/${oneLine(failure.phase, 20)}`;
  const said = `${oneLine(failure.exception, 80)}: ${oneLine(failure.message)}`;
  const first = `${paint(style, word)}  ${paint('strong', id)}  ${where}`;
  const fits = textWidth(`KNOWN  ${id}  ${where}  ${said}`) <= width;
  return fits ? [`${first}  ${said}`] : [first, ...beginning(said, width - 7).map((line) => `       ${line}`)];
};

/** Three lines of a text at most, each cut to the width. */
const beginning = (text: string, width: number): readonly string[] => {
  const lines = wrapWords(text, width);
  const shown = lines.slice(0, 3).map((line) => cutToWidth(line, width));
  return lines.length > 3 ? [...shown.slice(0, 2), cutToWidth(`${shown[2]} …`, width)] : shown;
};

const indent = 18;

const field = (name: string, text: string, width: number, paint: Paint): readonly string[] =>
  text === ''
    ? []
    : wrapWords(text, Math.max(20, width - indent)).map((line, index) => label(index === 0 ? name : '', paint) + line);

const whole = (name: string, text: string, paint: Paint): readonly string[] =>
  text === '' ? [] : [label(name, paint) + text];

const label = (name: string, paint: Paint): string => `       ${paint('faint', name.padEnd(indent - 7))}`;

const knownLines = (failure: Failure, width: number, paint: Paint): readonly string[] => [
  ...knownAs(failure).flatMap((issue) => issueLines('known as', issue, width, paint)),
  ...(failure.knownInPart === undefined
    ? []
    : [
        ...issueLines('in part', failure.knownInPart, width, paint),
        ...field('but not', oneLine(failure.knownInPart.beyond.join('; '), 500), width, paint),
      ]),
];

const issueLines = (
  name: string,
  { id, kind, title, link }: KnownIssue,
  width: number,
  paint: Paint,
): readonly string[] => [
  ...field(name, `${oneLine(id, 80)} (${kind}): ${oneLine(title, 300)}`, width, paint),
  ...whole('link', oneLine(link, 400), paint),
];
