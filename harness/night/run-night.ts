import { lockId } from '../../matrices/lock.ts';
import type { Matrix } from '../../matrices/matrix.ts';
import { compareCampaigns } from '../../reports/diff/compare-campaigns.ts';
import type { Night } from '../../reports/night/night-model.ts';
import { campaignId } from '../campaign-id.ts';
import { runCampaign } from '../campaign.ts';
import { recordFailures } from '../failure-record.ts';
import { StoppedError } from '../interruption.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { locksOf } from '../pin-locks.ts';
import { packageIndex, preparePins, type PreparedPin } from '../prepare-pins.ts';
import type { Answered } from './bisect-news.ts';
import { explainNews } from './explain-news.ts';
import { describeNight } from './describe-night.ts';
import { nightMatrix } from './night-matrix.ts';
import type { NightOptions } from './night-options.ts';
import { NightStore, type GoodNight } from './night-store.ts';
import { suspicionOf } from './suspicion.ts';
import { inherit, standingId, whatStands } from './what-stands.ts';

/**
 * One night of a matrix: looks what is out, runs what is new first, compares with the last good night, bisects what broke,
 * widens the coverage while there is time, and keeps what it found.
 *
 * It does not remember that it was begun: campaigns and bisects go on from the ledger, so the same night run again comes to
 * the same record.
 *
 * @throws InputError when nothing of the matrix was out on that day, or the last good night cannot be read.
 */
export const runNight = async (options: NightOptions): Promise<Night> => {
  const { matrix, executor, day, resultsPath } = options;
  const startedAt = new Date().toISOString();
  const clock = startClock(options);
  const store = new NightStore(resultsPath, matrix.name, executor.kind);
  const last = await store.lastGoodBefore(day);
  const releasesOf = options.releasesOf ?? packageIndex({ ...options, signal: options.interruption.stop });
  const tonight = await nightMatrix(matrix, day, releasesOf, options.ahead);
  const pinOptions = { ...options, releasesOf, signal: options.interruption.stop };
  const prepared = newFirst(await preparePins(tonight.matrix, pinOptions), last);

  const campaigns: StoredCampaign[] = [];
  const begun = { ...options, last, prepared, startedAt, leftOut: tonight.leftOut, answers: new Map() };
  const runRound = async (round: number): Promise<void> => {
    const widened = { ...tonight.matrix, seed: (matrix.seed + round) % seeds };
    campaigns.push(await runOne(widened, round, prepared, clock.minutesLeft(), options));
  };
  await runRound(0);
  const suspect = suspicionOf(mainOf(campaigns).report);
  if (suspect !== undefined) {
    const night = describeNight({ ...begun, campaigns, suspect });
    await store.publish(night, undefined);
    return night;
  }
  let night = await closeRound(begun, campaigns, clock);
  for (let round = 1; round < options.rounds && clock.minutesLeft() > 0 && !isStopped(options); round++) {
    await runRound(round);
    night = await closeRound(begun, campaigns, clock);
    // A small matrix has no more cells, whatever the seed.
    if (campaigns.at(-1)?.report.campaign.ran === 0) break;
  }
  await store.publish(night.record, night.kept);
  return night.record;
};

const seeds = 2_147_483_648;

interface Begun extends NightOptions {
  readonly last: GoodNight | undefined;
  readonly prepared: readonly PreparedPin[];
  readonly startedAt: string;
  readonly leftOut: readonly string[];
  /** Of bisects, by failure: none is asked twice in one night. */
  readonly answers: Map<string, Answered>;
}

/** What the night has come to so far, with the culprits of what broke. */
const closeRound = async (
  begun: Begun,
  campaigns: readonly StoredCampaign[],
  clock: Clock,
): Promise<{ readonly record: Night; readonly kept: Omit<GoodNight, 'night'> }> => {
  const { last, day, matrix, prepared } = begun;
  const pins = mainOf(campaigns).report.pins;
  const inherited = last === undefined ? undefined : inherit(last.standing, pins);
  const standing = whatStands(inherited?.standing, campaigns, standingId(matrix.name, day));
  const diff = inherited === undefined ? undefined : compareCampaigns(inherited.standing, standing);
  const found = describeNight({ ...begun, campaigns, standing, diff, follows: inherited?.follows });
  const record = await explainNews(found, { ...begun, follows: inherited?.follows, stop: clock.stop });
  return { record, kept: { standing, locks: { ...last?.locks, ...locksOf(prepared) } } };
};

const mainOf = ([main]: readonly StoredCampaign[]): StoredCampaign => {
  if (main === undefined) throw new Error('a night without a campaign');
  return main;
};

const runOne = async (
  matrix: Matrix,
  round: number,
  prepared: readonly PreparedPin[],
  minutes: number,
  options: NightOptions,
): Promise<StoredCampaign> => {
  // What only widens is not judged anew where it was finished on these locks: nights would grow longer and longer.
  const finished =
    round === 0 ? undefined : await options.finished(campaignId(matrix, options.executor.kind, prepared));
  if (finished !== undefined) return finished;
  const result = await runCampaign({ ...options, matrix, prepared, minutes });
  recordFailures(options.ledger, result, options.place);
  return options.onCampaign(result);
};

interface Clock {
  readonly minutesLeft: () => number;
  /** Aborted when the user stops it, or the time is spent. */
  readonly stop: AbortSignal;
}

const startClock = ({ minutes, interruption }: NightOptions): Clock => {
  const end = performance.now() + minutes * 60_000;
  const spent = new AbortController();
  setTimeout(() => spent.abort(new StoppedError('budget')), Math.min(minutes * 60_000, 2_147_483_647)).unref();
  return {
    minutesLeft: () => Math.max(0, (end - performance.now()) / 60_000),
    stop: AbortSignal.any([interruption.stop, spent.signal]),
  };
};

const isStopped = ({ interruption }: NightOptions): boolean => interruption.stop.aborted;

/** Cells run in the order of the pins: first those whose packages no good night had, or that are branches. */
const newFirst = (prepared: readonly PreparedPin[], last: GoodNight | undefined): readonly PreparedPin[] => {
  const known = new Set(Object.values(last?.locks ?? {}).map(lockId));
  const isKnown = (pin: PreparedPin): boolean => {
    if (pin.kind === 'broken') return false;
    const { source } = pin.pin;
    return source.kind === 'interpreter' || (source.kind === 'lock' && known.has(lockId(source.lock)));
  };
  return [...prepared.filter((pin) => !isKnown(pin)), ...prepared.filter(isKnown)];
};
