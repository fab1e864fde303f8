/** Longest input that is looked at: a message of a megabyte costs no more than its beginning. */
const readLimit = 64_000;

/** Control, format (bidirectional overrides, joiners), surrogate, private and unassigned characters, line separators. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

/** Sequences that terminals act on. What is left of a torn one loses its escape character to `invisible`. */
const terminalSequence =
  // oxlint-disable-next-line no-control-regex -- these are what it has to find
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|(?:\u001B[\]PX^_]|[\u0090\u0098\u009D-\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C)?|\u001B[ -/]*[0-~]/gu;

/** More combining marks than this on one letter only serve to draw over neighbouring lines. */
const pileOfMarks = /(\p{M}{2})\p{M}+/gu;

/**
 * Text that may come from an exception, made fit to be shown: one line, no terminal sequences, no control, bidirectional
 * or invisible characters, at most `limit` UTF-16 code units.
 */
export const oneLine = (text: string, limit = 1000): string =>
  cap(
    harmless(text.slice(0, readLimit).replaceAll(/[\r\n\t\v\f\u0085\u2028\u2029]+/gu, ' '))
      .replaceAll(/\s+/gu, ' ')
      .trim(),
    limit,
  );

/** The same for several lines: at most `lines` of them, each at most `limit` code units; what was cut off is said. */
export const manyLines = (text: string, lines = 40, limit = 400): readonly string[] => {
  const all = text.slice(0, readLimit).split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/u);
  const kept = all.slice(0, lines).map((line) => cap(harmless(line.replaceAll('\t', '    ')).trimEnd(), limit));
  const isCut = all.length > lines || text.length > readLimit;
  return isCut ? [...kept, '… (cut; report.json has more)'] : kept;
};

const harmless = (text: string): string =>
  text.replaceAll(terminalSequence, '').replaceAll(invisible, '').replaceAll(pileOfMarks, '$1');

const cap = (text: string, limit: number): string =>
  text.length <= limit ? text : `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
