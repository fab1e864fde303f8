import { lockId } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import { compareCampaigns } from '../../reports/diff/compare-campaigns.ts';
import type { FailureRecord } from '../failure-record.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { readLocks } from '../pin-locks.ts';
import { readReport } from '../read-report.ts';
import { readVerdicts } from '../read-verdicts.ts';
import type { ResultsFolder } from '../results-folder.ts';

/** Two campaigns between which a failure came, and the locks of the pin that shows it in the later one. */
export interface TwoCampaigns {
  readonly good: Lock;
  readonly bad: Lock;
  /** In words: `of quick-0123abcd`. */
  readonly origins: { readonly good: string; readonly bad: string };
  /** Their ids. */
  readonly campaigns: { readonly good: string; readonly bad: string };
}

/**
 * The last two campaigns of one matrix between which a failure came on the pin where it was found: cells that show it in the
 * later one passed in the earlier one, under another lock. Undefined where there are none: it was there from the beginning,
 * nothing but the configs differs, or the locks were not kept.
 */
export const twoCampaigns = async (
  { id, pin }: Pick<FailureRecord, 'id' | 'pin'>,
  results: ResultsFolder,
): Promise<TwoCampaigns | undefined> => {
  if (pin.source.kind !== 'lock') return undefined;
  const { lock: bad } = pin.source;
  const campaigns = await newestFirst(results);
  const place = campaigns.findIndex(({ report }) => showsWith(report, id, pin.id, bad));
  const after = campaigns[place];
  if (after === undefined) return undefined;
  for (const before of campaigns.slice(place + 1)) {
    if (before.report.campaign.matrix !== after.report.campaign.matrix) continue;
    if (!isNew(before, after, id, pin.id)) continue;
    const good = (await readLocks(results, before.report.campaign.id))[pin.id];
    if (good === undefined || lockId(good) === lockId(bad) || !isLike(good, bad)) continue;
    const ids = { good: before.report.campaign.id, bad: after.report.campaign.id };
    return { good, bad, origins: { good: `of ${ids.good}`, bad: `of ${ids.bad}` }, campaigns: ids };
  }
  return undefined;
};

const newestFirst = async (results: ResultsFolder): Promise<readonly StoredCampaign[]> => {
  const campaigns: StoredCampaign[] = [];
  for (const name of await results.campaigns()) {
    // An interrupted run may have left a folder without them.
    const verdicts = await readVerdicts(results, name);
    if (verdicts !== undefined) campaigns.push({ report: await readReport(results, name), verdicts });
  }
  return campaigns.toSorted((left, right) => Date.parse(finishedAt(right)) - Date.parse(finishedAt(left)));
};

const finishedAt = ({ report }: StoredCampaign): string => report.campaign.finishedAt;

const showsWith = ({ failures, pins }: StoredCampaign['report'], id: string, pin: string, lock: Lock): boolean =>
  failures.some((failure) => failure.id === id && failure.pins.includes(pin)) &&
  pins.some((each) => each.id === pin && each.lock === lockId(lock));

const isNew = (before: StoredCampaign, after: StoredCampaign, id: string, pin: string): boolean => {
  const failure = after.report.failures.find((each) => each.id === id);
  if (failure?.phase === 'import') return couldBeImported(before, pin);
  return compareCampaigns(before, after).changes.some(
    ({ change, failure: changed, pins }) => change === 'regressed' && changed === id && pins.includes(pin),
  );
};

/** A pin that cannot be imported has no cells to compare. */
const couldBeImported = ({ report }: StoredCampaign, pin: string): boolean =>
  report.pins.some(({ id, counts }) => id === pin && counts.pass > 0);

/** Packages are the only thing that may be moved from the one to the other. */
const isLike = (good: Lock, bad: Lock): boolean =>
  (['python', 'device', 'platform'] as const).every((key) => good[key] === bad[key]) &&
  Object.entries(good.packages).some(([name, version]) => (bad.packages[name] ?? version) !== version);
