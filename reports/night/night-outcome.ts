import type { Outcome } from '../outcome.ts';
import { countOf } from '../text/count.ts';
import type { Night } from './night-model.ts';
import { newsOf } from './night-news.ts';

/**
 * The exit code of a night: 1 for what came that nobody has named, or for what is named and did not show; what stands
 * since an earlier night turns nothing red again. 3 for what could not be asked, 4 for a matrix that is not covered, 130
 * when it was interrupted. Of several, the first of 130, 3, 1, 4.
 */
export const nightOutcome = (night: Night): Outcome => {
  const reasons = [...interruption(night), ...infrastructure(night), ...news(night), ...partiality(night)];
  return { exitCode: reasons[0]?.exitCode ?? 0, reasons: reasons.map(({ reason }) => reason) };
};

type Because = { readonly exitCode: Outcome['exitCode']; readonly reason: string };

const interruption = ({ interrupted }: Night): readonly Because[] =>
  interrupted === true ? [{ exitCode: 130, reason: 'interrupted; the same command goes on from here' }] : [];

const infrastructure = ({ suspect, pins }: Night): readonly Because[] => {
  if (suspect !== undefined) return [{ exitCode: 3, reason: `suspect: ${suspect}` }];
  const broken = pins.filter((pin) => pin.broken !== undefined).length;
  return broken === 0 ? [] : [{ exitCode: 3, reason: `${countOf(broken, 'pin')} could not be asked` }];
};

const news = (night: Night): readonly Because[] => {
  const { broke, found } = newsOf(night);
  const stale = night.suspect === undefined ? night.stale : [];
  return [
    ...red(broke.filter(({ known }) => known === undefined).length, 'broke since the last good night'),
    ...red(found.filter(({ failure }) => failure.known === undefined).length, 'found that nobody has named'),
    ...red(stale.length, `named, and did not show: ${someOf(stale)}`),
  ];
};

const someOf = (ids: readonly string[]): string =>
  ids.slice(0, 3).join(', ') + (ids.length > 3 ? ` and ${ids.length - 3} more` : '');

const red = (count: number, what: string): readonly Because[] =>
  count === 0 ? [] : [{ exitCode: 1, reason: `${count} ${what}` }];

const partiality = ({ interrupted, suspect, complete }: Night): readonly Because[] =>
  interrupted === true || suspect !== undefined || complete
    ? []
    : [
        {
          exitCode: 4,
          reason:
            'its budget of cells or minutes ended before all was asked that the matrix wants covered; results are kept',
        },
      ];
