import { boundMarkdown } from '../markdown/bound-markdown.ts';
import { codeSpan, plainText } from '../markdown/escape.ts';
import { failureSection } from '../markdown/failure-section.ts';
import { renderBisectMarkdown } from '../markdown/render-bisect.ts';
import type { Night, StandingFailure } from '../night/night-model.ts';
import { oneLine } from '../text/safe-text.ts';

/** GitHub takes no more than 65,536 characters; a character has up to four bytes, so bytes are on the safe side. */
const bodyLimit = 60_000;

/** Which nights an issue belongs to: others must not close it. */
export const lineOf = ({ matrix, executor }: Pick<Night, 'matrix' | 'executor'>): string => `${matrix}/${executor}`;

/**
 * The first line of an issue of ours: by it, it is found again. Nothing that a package says ever comes before it, and
 * behind it nothing is looked at.
 */
export const issueMarker = (signature: string, line: string): string =>
  `<!-- peft-matrix issue signature=${signature} line=${line} -->`;

/** What the first line of a body says; undefined of what is not ours. */
export const readMarker = (body: string): { readonly signature: string; readonly line: string } | undefined => {
  const found = /^<!-- peft-matrix issue signature=(?<signature>[0-9a-f]+) line=(?<line>[\w./-]+) -->/.exec(body);
  const { signature, line } = found?.groups ?? {};
  return signature === undefined || line === undefined ? undefined : { signature, line };
};

/** A title of one line in which nobody is mentioned. */
export const issueTitle = ({ failure: { exception, message, property, phase } }: StandingFailure): string =>
  `${oneLine(`${exception}: ${message}`, 180).replaceAll('@', '@\u2060')} (${oneLine(`${property}/${phase}`, 60)})`;

/** The body of an issue: every failure of one signature, with what brought it. Whatever a package said stands in code. */
export const issueBody = (night: Night, failures: readonly StandingFailure[]): string => {
  const [first] = failures;
  const marker = issueMarker(first?.failure.signature ?? '', lineOf(night));
  const head = `Found by peft-matrix: ${codeSpan(lineOf(night), 120)}, the night of ${night.day}, which looked at ${night.pins
    .map(({ id }) => codeSpan(id, 80))
    .join(', ')}.`;
  return boundMarkdown(
    [
      { name: 'the head', lines: [marker, '', head] },
      ...failures.map(({ failure }) => ({ name: 'failures', lines: failureSection(failure) })),
      ...failures.flatMap(({ bisect }) =>
        bisect === undefined ? [] : [{ name: 'bisects', lines: renderBisectMarkdown(bisect).trimEnd().split('\n') }],
      ),
    ],
    bodyLimit,
    'The record of the night has all of it.',
  );
};

/** What a comment of ours tells. */
export type CommentKind = 'gone' | 'back';

/** The first line of a comment of ours. */
export const readComment = (body: string): CommentKind | undefined => {
  const kind = /^<!-- peft-matrix comment (?<kind>gone|back) -->/.exec(body)?.groups?.['kind'];
  return kind === 'gone' || kind === 'back' ? kind : undefined;
};

/** What is said where an issue is closed or opened again. */
export const commentBody = (kind: CommentKind, day: string, pins: readonly string[]): string =>
  [
    `<!-- peft-matrix comment ${kind} -->`,
    '',
    kind === 'gone'
      ? `It did not show any more on the night of ${plainText(day, 10)}, on ${pins.map((pin) => codeSpan(pin, 80)).join(', ')}.`
      : `It shows again since the night of ${plainText(day, 10)}, on ${pins.map((pin) => codeSpan(pin, 80)).join(', ')}.`,
    '',
  ].join('\n');
