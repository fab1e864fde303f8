import { countOf } from '../text/count.ts';
import { formatRoughly } from '../text/duration.ts';
import { isOfFailures, stageTimeLeft } from './progress.ts';
import type { Progress, Stage, StageName } from './progress.ts';

/** What a stage does, for people. */
export const stageTitles: Readonly<Record<StageName, string>> = {
  run: 'running',
  shrink: 'shrinking',
  confirm: 'confirming',
  bisect: 'bisecting',
};

/** `120/300 cells`, `2/5 failures, 38 cells tried`. */
export const stageCount = (stage: Stage): string => {
  const { total, done, cells } = stage;
  const of = total === undefined ? String(done) : `${done}/${Math.max(total, done)}`;
  return isOfFailures(stage) ? `${of} failures, ${countOf(cells, 'cell')} tried` : `${of} cells`;
};

/** `118 pass, 2 fail`, and what else there is. */
export const verdictCounts = ({ counts }: Progress): string =>
  [
    `${counts.pass} pass`,
    `${counts.fail} fail`,
    ...(['flaky', 'unsupported', 'skipped', 'broken'] as const)
      .filter((kind) => counts[kind] > 0)
      .map((kind) => `${counts[kind]} ${kind}`),
  ].join(', ');

/** `about 4 min left`, or nothing. */
export const timeLeftText = (stage: Stage, now: number): string => {
  const left = stageTimeLeft(stage, now);
  return left === undefined ? '' : `about ${formatRoughly(left)} left`;
};
