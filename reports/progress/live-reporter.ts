import { paintWith } from '../terminal/paint.ts';
import { eventLine } from './event-line.ts';
import { LiveBlock } from './live-block.ts';
import { liveFrame } from './live-frame.ts';
import { advance, beginProgress } from './progress.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

/** Redrawing more often only costs; less often, the clock stutters. In milliseconds. */
const redrawMs = 100;
const clockMs = 500;

/** A block on the terminal that shows where the campaign stands; failures, broken pins and warnings stay above it. */
export const liveReporter = ({ stderr, now, verbose, colour }: ReporterOptions): Reporter => {
  const paint = paintWith(colour);
  const block = new LiveBlock(stderr);
  let progress = beginProgress(now());
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const draw = (above: readonly string[] = []): void => {
    drawnAt = now();
    // A terminal that does not know its size says 0.
    const size = { columns: stderr.columns || 80, rows: stderr.rows || 24 };
    block.draw(liveFrame(progress, { ...size, colour, now: drawnAt }), above);
  };
  const timer = setInterval(() => draw(), clockMs);
  timer.unref();

  return {
    on: (event) => {
      if (isClosed) return;
      progress = advance(progress, event, now());
      const line = eventLine(event, paint);
      if (line !== undefined && (line.level === 'alert' || (verbose && line.level === 'cell'))) draw([line.text]);
      else if (now() - drawnAt >= redrawMs) draw();
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      clearInterval(timer);
      block.clear();
    },
  };
};
