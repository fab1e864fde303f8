import type { BisectedReleases } from '../bisect-model.ts';
import { oneLine } from './safe-text.ts';

const marks = { good: 'o', bad: 'X', skip: 's' } as const;

/** What the marks of a picture mean. */
export const pictureLegend = 'o good, X bad, s skipped, . not asked';

/** One mark a release, oldest first, between the first and the last version: `0.8.0 ....ooo.XXXX 0.21.2`. */
export const rangePicture = ({ candidates }: Pick<BisectedReleases, 'candidates'>): string => {
  const line = candidates.map(({ answer }) => (answer === undefined ? '.' : marks[answer.kind])).join('');
  return `${oneLine(candidates[0]?.version ?? '', 40)} ${line} ${oneLine(candidates.at(-1)?.version ?? '', 40)}`;
};
