import { stripVTControlCharacters } from 'node:util';
import { textWidth } from '../text/text-width.ts';
import type { Output } from './reporter.ts';

const clearBelow = '\u001B[J';
const up = (rows: number): string => (rows > 0 ? `\u001B[${rows}A` : '');

/**
 * A few lines at the bottom of a terminal that are redrawn in place, with lines above that stay.
 *
 * The cursor is never hidden and always rests at the start of the line below the block; each redraw is one write. So
 * there is nothing to put back: whatever ends the process, and however, the next prompt begins on a line of its own.
 */
export class LiveBlock {
  readonly #output: Output;
  #shown: readonly string[] = [];

  constructor(output: Output) {
    this.#output = output;
  }

  /** Replaces the block; `above` is printed first and stays. The lines are harmless and narrower than the terminal. */
  draw(lines: readonly string[], above: readonly string[] = []): void {
    // Erased first, not line by line: a line above may take several rows, and erasing behind a full row eats its end.
    this.#output.write(`${this.#home()}${clearBelow}${[...above, ...lines].map((line) => `${line}\n`).join('')}`);
    this.#shown = lines;
  }

  /** Takes the block off the screen. */
  clear(): void {
    if (this.#shown.length === 0) return;
    this.#output.write(`${this.#home()}${clearBelow}`);
    this.#shown = [];
  }

  /** To the first row of the block. A terminal that was made narrower since has broken its lines into several rows. */
  #home(): string {
    const columns = this.#output.columns || 80;
    const rows = this.#shown.map((line) => Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(line)) / columns)));
    return `\r${up(rows.reduce((sum, count) => sum + count, 0))}`;
  }
}
