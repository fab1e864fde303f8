import { availableParallelism, cpus } from 'node:os';
import type { Seen } from './seen.ts';

/** Where, when and on what it was had: a line of Markdown. */
export const describeScoring = (seen: readonly Seen[]): string => {
  const total = (of: (each: Seen) => number): number => seen.map(of).reduce((sum, each) => sum + each, 0);
  const days = [...new Set(seen.map(({ on }) => on))].toSorted();
  const commits = [...new Set(seen.map(({ commit }) => commit))];
  return (
    `_${days.join(', ')}, commit ${commits.join(', ')}, \`npm run score\`; ${seen.length} plans (an area on a pin) with torch ` +
    `2.13.0 on Python 3.11, CPU and gloo; ${total(({ planned }) => planned)} cells planned, ${total(({ minutes }) => minutes).toFixed(0)} ` +
    `minutes; ${seen.filter(({ isComplete }) => !isComplete).length} of them are not complete; ${availableParallelism()} cores, ` +
    `${cpus()[0]?.model.trim() ?? 'unknown CPU'}._`
  );
};
