import { oneLine } from '../text/safe-text.ts';

/**
 * Text as a code span: nothing in it is Markdown, HTML, a link or a mention. The run of backticks around it is longer
 * than any inside.
 */
export const codeSpan = (text: string, limit?: number): string => {
  const safe = oneLine(text, limit);
  if (safe === '') return '';
  const fence = fenceFor(safe, 1);
  // A blank beside the fence keeps it apart from a backtick; readers drop one on each side.
  const isTouching = safe.startsWith('`') || safe.endsWith('`');
  return isTouching ? `${fence} ${safe} ${fence}` : `${fence}${safe}${fence}`;
};

/**
 * A code span for a cell of a table, where `|` ends the cell even inside code. A backslash just before it gets a blank,
 * because readers disagree on what two escapes in a row mean.
 */
export const codeCell = (text: string, limit?: number): string =>
  codeSpan(oneLine(text, limit).replaceAll('\\|', '\\ |')).replaceAll('|', '\\|');

/** Several lines as a block of code whose fence is longer than any run of backticks inside. */
export const codeBlock = (lines: readonly string[]): readonly string[] => {
  const fence = fenceFor(lines.join('\n'), 3);
  return [`${fence}text`, ...lines, fence];
};

/** Text of our own data files in running text: what Markdown or HTML would act on is escaped. */
export const plainText = (text: string, limit?: number): string =>
  oneLine(text, limit)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]#|~$]/gu, String.raw`\$&`)
    .replaceAll('@', '@\u2060');

/** A link when the address is one; else the text alone. */
export const link = (text: string, address: string): string =>
  /^https?:\/\/[\w.~:/?#@!$&'()*+,;=%-]+$/u.test(address) && address.length <= 400
    ? `[${plainText(text, 300)}](<${address}>)`
    : plainText(text, 300);

const fenceFor = (text: string, least: number): string => {
  const longest = Math.max(0, ...[...text.matchAll(/`+/gu)].map(([run]) => run.length));
  return '`'.repeat(Math.max(least, longest + 1));
};
