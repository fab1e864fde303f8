import { wasBrought } from '../../night/night-news.ts';
import type { FailureChange } from '../../diff/diff-model.ts';
import type { FailureDetails, SiteData, SiteNight } from '../site-model.ts';

/** What a night is called: an ordinary campaign is none. */
export const nightWord = ({ isNight }: Pick<SiteNight, 'isNight'>): 'night' | 'campaign' =>
  isNight ? 'night' : 'campaign';

/** What all of them are called together. */
export const nightsWord = ({ nights }: Pick<SiteData, 'nights'>): string =>
  nights.length > 0 && nights.every(({ isNight }) => !isNight) ? 'Campaigns' : 'The night';

/**
 * What brought a failure, or took it away, as its bisect says: `culprit: peft 0.17.1 → 0.18.0`. Empty where nobody asked, and
 * where nothing brought it on that night.
 */
export const culpritWords = (change: FailureChange, bisected: FailureDetails['bisected']): string => {
  if (bisected === undefined || !wasBrought(change)) return '';
  const isMended = change.change === 'fixed' || change.change === 'gone';
  const culprits = bisected.culprits.filter(({ kind }) => kind === (isMended ? 'fixed' : 'introduced'));
  if (culprits.length > 0)
    return `culprit: ${culprits.map(({ package: name, before, after }) => `${name} ${before} → ${after}`).join('; ')}`;
  return isMended || bisected.unanswered === undefined ? '' : `no culprit: ${bisected.unanswered}`;
};
