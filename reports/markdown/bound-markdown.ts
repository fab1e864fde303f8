import { countOf } from '../text/count.ts';

/** A part of a Markdown document. Of a table rows may be left out at its end, the rest is kept or left out whole. */
export interface MarkdownSection {
  /** What it is called where it is told that it, or a part of it, was left out: `failures`. */
  readonly name: string;
  readonly lines: readonly string[];
  /** Number of lines at its beginning without which it says nothing; absent for one that cannot be cut. */
  readonly head?: number;
}

/** The document, of at most `limit` bytes of UTF-8: it ends with what was left out, and where that is. */
export const boundMarkdown = (sections: readonly MarkdownSection[], limit: number, elsewhere: string): string => {
  const kept: string[] = [];
  const leftOut = new Map<string, { count: number; unit: string }>();
  // Room for what has to be said in the end.
  let room = limit - noteBytes;
  for (const { name, lines, head } of sections) {
    const size = bytesOf(lines);
    const fitting = size <= room ? lines : head === undefined ? [] : fittingLines(lines, room, head);
    if (fitting.length > 0) {
      kept.push(fitting.join('\n'));
      room -= bytesOf(fitting);
    }
    if (fitting.length < lines.length) {
      const earlier = leftOut.get(name)?.count ?? 0;
      const isCut = fitting.length > 0;
      leftOut.set(
        name,
        isCut ? { count: lines.length - fitting.length, unit: 'row' } : { count: earlier + 1, unit: 'section' },
      );
    }
  }
  const told = [...leftOut].map(([name, { count, unit }]) => `${countOf(count, unit)} of ${name}`);
  const note = told.length === 0 ? [] : [`Left out, for want of room: ${told.join(', ')}. ${elsewhere}`];
  return `${[...kept, ...note].join('\n\n')}\n`;
};

const noteBytes = 2_000;

/** A section, with the blank line that ends it. */
const bytesOf = (lines: readonly string[]): number => Buffer.byteLength(lines.join('\n')) + 2;

const fittingLines = (lines: readonly string[], room: number, head: number): readonly string[] => {
  let left = room - 2;
  const fitting: string[] = [];
  for (const line of lines) {
    left -= Buffer.byteLength(line) + 1;
    if (left < 0) break;
    fitting.push(line);
  }
  return fitting.length > head ? fitting : [];
};
