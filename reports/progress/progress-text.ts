import { countOf } from '../text/count.ts';
import { formatRoughly } from '../text/duration.ts';
import { stageTimeLeft } from './progress.ts';
import type { Progress, Stage, StageName } from './progress.ts';

/** What a stage does, for people. */
export const stageTitles: Readonly<Record<StageName, string>> = {
  run: 'running',
  shrink: 'shrinking',
  confirm: 'confirming',
};

/** `120/300 cells`, `2/5 failures, 38 cells tried`. */
export const stageCount = ({ name, total, done, cells }: Stage): string => {
  const of = total === undefined ? String(done) : `${done}/${Math.max(total, done)}`;
  return name === 'shrink' ? `${of} failures, ${countOf(cells, 'cell')} tried` : `${of} cells`;
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
