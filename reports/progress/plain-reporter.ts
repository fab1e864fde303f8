import { paintWith } from '../terminal/paint.ts';
import { formatClock } from '../text/duration.ts';
import { oneLine } from '../text/safe-text.ts';
import { eventLine } from './event-line.ts';
import type { EventLine } from './event-line.ts';
import { advance, beginProgress } from './progress.ts';
import type { Progress } from './progress.ts';
import { stageCount, stageTitles, timeLeftText, verdictCounts } from './progress-text.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

/** How long a campaign may go on without a word, in milliseconds. */
const silenceMs = 10_000;

/**
 * Lines for logs: one for each stage, step of a pin and failure, and every ten seconds one that says how far we are.
 * Quiet keeps failures, broken pins and warnings alone.
 */
export const plainReporter = (options: ReporterOptions): Reporter => {
  const { stderr, now, verbose } = options;
  const quiet = options.mode === 'quiet';
  const paint = paintWith(options.colour);
  const startedAt = now();
  let progress = beginProgress(startedAt);
  let toldAt = startedAt;
  let last = '';

  const print = (text: string): void => {
    stderr.write(`[${formatClock(now() - startedAt)}] ${text}\n`);
  };
  const tell = (): void => {
    if (quiet || now() - toldAt < silenceMs) return;
    toldAt = now();
    print(whereWeAre(progress, now()));
  };
  const timer = setInterval(tell, silenceMs / 4);
  timer.unref();

  return {
    on: (event) => {
      const before = progress.stage?.name;
      progress = advance(progress, event, now());
      const line = eventLine(event, paint);
      if (line !== undefined && line.text !== last && isWanted(line, quiet, verbose)) print(line.text);
      last = line?.text ?? last;
      if (!quiet && event.kind === 'stage-started' && event.stage !== before) print(whereWeAre(progress, now()));
      tell();
    },
    close: () => clearInterval(timer),
  };
};

const isWanted = ({ level }: EventLine, quiet: boolean, verbose: boolean): boolean =>
  level === 'alert' || (!quiet && (level === 'step' || verbose));

const whereWeAre = (progress: Progress, now: number): string => {
  const { stage } = progress;
  if (stage === undefined) return pinsAtWork(progress);
  const left = timeLeftText(stage, now);
  return `${stageTitles[stage.name]}: ${stageCount(stage)}; ${verdictCounts(progress)}${left === '' ? '' : `; ${left}`}`;
};

const pinsAtWork = ({ pins }: Progress): string => {
  const ready = [...pins.values()].filter(({ state }) => state === 'ready').length;
  const working = [...pins]
    .filter(([, { state }]) => state === 'working')
    .map(([pin, { step }]) => oneLine(`${pin} ${step}`, 200));
  return [`${ready} of ${pins.size} pins ready`, ...working].join('; ');
};
