import { knownAs } from '../known-as.ts';
import type { Failure, KnownIssue } from '../report-model.ts';
import { countOf } from '../text/count.ts';
import { manyLines, oneLine } from '../text/safe-text.ts';
import { showBoundary } from '../text/show-bisect.ts';
import { showMinimal, showOtherFailing } from '../text/show-config.ts';
import { showStages } from '../text/show-stages.ts';
import { codeBlock, codeSpan, link, plainText } from './escape.ts';

/** One failure with all that a reader needs to judge and replay it. */
export const failureSection = (failure: Failure): readonly string[] => {
  const others = showOtherFailing(failure);
  const stages = showStages(failure);
  return [
    `#### ${codeSpan(failure.id, 16)} ${codeSpan(`${failure.property}/${failure.phase}`, 80)}`,
    '',
    ...codeBlock([`${oneLine(failure.exception, 80)}: ${oneLine(failure.message)}`, ...detailLines(failure)]),
    '',
    ...knownItem(failure),
    `- minimal config: ${codeSpan(showMinimal(failure))}`,
    ...(others === '' ? [] : [`- fails in the same way with: ${codeSpan(others)}`]),
    ...(stages === '' ? [] : [`- ${stages}`]),
    `- pins: ${failure.pins.map((pin) => codeSpan(pin, 80)).join(', ')} (${countOf(failure.cells, 'cell')})`,
    ...(failure.frames.length === 0
      ? []
      : [
          `- at: ${failure.frames
            .slice(0, 5)
            .map((frame) => codeSpan(frame, 200))
            .join(', from ')}`,
        ]),
    ...(failure.since === undefined ? [] : [`- since ${plainText(showBoundary(failure.since))}`]),
    ...(failure.fixedIn === undefined ? [] : [`- fixed in ${plainText(showBoundary(failure.fixedIn))}`]),
    ...(confirmation[failure.confirmed] === '' ? [] : [`- ${confirmation[failure.confirmed]}`]),
    `- replay: ${codeSpan(failure.replay)}`,
  ];
};

const confirmation = {
  yes: '',
  no: 'it did not show again in a cold process',
  'not-run': 'not yet run again in a cold process',
} as const;

/** What the detail has beyond the message. */
const detailLines = ({ detail, exception, message }: Failure): readonly string[] => {
  const lines = manyLines(detail, 20, 300);
  const isRepeated = lines[0] === `${oneLine(exception, 80)}: ${oneLine(message)}` || lines[0] === oneLine(message);
  return (isRepeated ? lines.slice(1) : lines).filter((line, index) => index > 0 || line !== '');
};

const knownItem = (failure: Failure): readonly string[] => {
  const { knownInPart, cells } = failure;
  if (knownInPart !== undefined) {
    const beyond = codeSpan(knownInPart.beyond.join('; '), 500);
    return [`- **new**: ${showIssue(knownInPart)} names it in part, but not ${beyond}`];
  }
  const names = knownAs(failure);
  if (names.length > 0) return names.map((issue) => `- known ${showIssue(issue)}`);
  return [cells === 0 ? '- met while shrinking: no cell of the plan shows it' : '- **new**: no expectation names it'];
};

const showIssue = ({ id, kind, title, link: to }: KnownIssue): string =>
  `(${kind}) as ${codeSpan(id, 80)}: ${link(title, to)}`;
