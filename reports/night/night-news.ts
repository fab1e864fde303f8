import type { CampaignDiff, FailureChange } from '../diff/diff-model.ts';
import type { Night, StandingFailure } from './night-model.ts';

/** What a night tells: what came and what went. What stands as it stood is no news. */
export interface NightNews {
  /** What worked before, or failed otherwise, or was not offered. */
  readonly broke: readonly FailureChange[];
  /** What nobody had asked before: it may be as old as the hills. On the first night that is everything. */
  readonly found: readonly StandingFailure[];
  readonly mended: readonly FailureChange[];
}

/**
 * Whether something brought what broke. What had not been offered came with what offers it; and what has become another failure
 * did not come, but went.
 */
export const wasBrought = ({ change, becomes }: FailureChange): boolean => change !== 'new' && becomes === undefined;

/** A suspect night has no news. */
export const newsOf = ({ suspect, diff, failures }: Night): NightNews => {
  if (suspect !== undefined) return { broke: [], found: [], mended: [] };
  if (diff === undefined) return { broke: [], found: failures, mended: [] };
  const { broke, mended, found } = newsOfDiff(diff);
  return { broke, found: failures.filter(({ failure: { id } }) => found.has(id)), mended };
};

/** The same of what two nights or campaigns came to; `found` are ids. */
export const newsOfDiff = ({
  changes,
}: CampaignDiff): Pick<NightNews, 'broke' | 'mended'> & { readonly found: ReadonlySet<string> } => {
  const unheardOf = changes.filter(({ change, missing }) => change === 'not-asked' && missing === 'a');
  const told = changes.filter(({ change }) => change !== 'not-asked');
  return {
    broke: changes.filter(({ change }) => change === 'regressed' || change === 'new' || change === 'changed'),
    mended: changes.filter(({ change }) => change === 'fixed' || change === 'gone'),
    found: idsOf(unheardOf).difference(idsOf(told)),
  };
};

const idsOf = (changes: readonly FailureChange[]): ReadonlySet<string> =>
  new Set(changes.map(({ failure }) => failure));
