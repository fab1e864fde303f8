import type { Readable } from 'node:stream';

/** Who is told what a stream of lines holds. */
export interface LineReader {
  /** A whole line, without its end. */
  readonly onLine: (line: string) => void;
  /** The stream makes no sense any more: nothing after it is read. */
  readonly onGarbage: (reason: string) => void;
  readonly onEnd: () => void;
}

/**
 * Cuts a stream of bytes into lines of strict UTF-8. Lines are cut before they are decoded, so that a character may come
 * in two pieces. What follows the last line's end is half a line, and is dropped.
 *
 * A line longer than `longest` bytes is garbage at once: its sender may never end it.
 */
export const splitLines = (stream: Readable, longest: number, reader: LineReader): void => {
  let pieces: Buffer[] = [];
  let length = 0;
  const giveUp = (reason: string): void => {
    pieces = [];
    // Not merely unread: a sender that blocks on a full pipe would never end.
    stream.off('data', receive).destroy();
    reader.onGarbage(reason);
  };
  const receive = (chunk: Buffer): void => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      pieces.push(chunk.subarray(start, end));
      length += end - start;
      if (length > longest) return giveUp(tooLong(longest));
      const line = decode(Buffer.concat(pieces));
      if (line === undefined) return giveUp('a line that is not UTF-8');
      [pieces, length, start] = [[], 0, end + 1];
      reader.onLine(line);
    }
    pieces.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > longest) giveUp(tooLong(longest));
  };
  stream.on('data', receive).on('close', reader.onEnd);
};

const newline = 0x0a;

const tooLong = (longest: number): string => `a line of more than ${longest} bytes`;

const decode = (bytes: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};
