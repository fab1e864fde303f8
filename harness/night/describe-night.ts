import { lockId } from '../../matrices/lock.ts';
import type { Matrix } from '../../matrices/matrix.ts';
import type { Executor } from '../../containers/executor.ts';
import type { CampaignDiff } from '../../reports/diff/diff-model.ts';
import type { EndedFailure, Night, NightPin, StandingFailure } from '../../reports/night/night-model.ts';
import type { Report, ReportedPin } from '../../reports/report-model.ts';
import type { StoredCampaign } from '../newest-verdicts.ts';
import { locksOf } from '../pin-locks.ts';
import type { PreparedPin } from '../prepare-pins.ts';
import { nextOlder } from './follow.ts';
import type { GoodNight } from './night-store.ts';

/** What the record of a night is made from. */
export interface NightFindings {
  readonly matrix: Matrix;
  readonly executor: Executor;
  readonly day: string;
  readonly startedAt: string;
  readonly last: GoodNight | undefined;
  readonly leftOut: readonly string[];
  /** Not empty; the first is the matrix. */
  readonly campaigns: readonly StoredCampaign[];
  readonly prepared: readonly PreparedPin[];
  readonly suspect?: string;
  /** What stands after the night. Absent of a suspect one. */
  readonly standing?: StoredCampaign;
  readonly diff?: CampaignDiff | undefined;
  readonly follows?: ReadonlyMap<string, string> | undefined;
}

/** The record of a night, without its bisects. A suspect one says what it was, and nothing of what stands. */
export const describeNight = (findings: NightFindings): Night => {
  const { matrix, executor, day, startedAt, last, leftOut, campaigns, suspect, standing, diff } = findings;
  const [main] = campaigns;
  if (main === undefined) throw new Error('a night without a campaign');
  const { report } = main;
  const pins = report.pins.map((pin) => describePin(pin, findings, report.pins));
  const heads = new Set(pins.filter(({ isHead }) => isHead).map(({ id }) => id));
  const failures = standing === undefined ? [] : standingFailures(standing.report, heads, findings);
  return {
    version: 1,
    matrix: matrix.name,
    executor: executor.kind,
    day,
    ...(last === undefined ? {} : { against: last.night.day }),
    startedAt,
    finishedAt: new Date().toISOString(),
    ...(suspect === undefined ? {} : { suspect }),
    ...(campaigns.some(({ report: one }) => one.campaign.interrupted === true) ? { interrupted: true } : {}),
    complete: report.campaign.complete,
    campaigns: campaigns.map(({ report: one }) => one.campaign.id),
    pins,
    leftOut,
    ...(diff === undefined ? {} : { diff }),
    failures,
    ended: standing === undefined ? [] : endedFailures(findings, failures, heads),
    stale: suspect === undefined ? staleIn(report) : [],
  };
};

const describePin = (
  { id, lock, versions, broken }: ReportedPin,
  { last, follows, prepared }: NightFindings,
  tonight: readonly ReportedPin[],
): NightPin => {
  const follower = follows?.get(id);
  const before = follower ?? id;
  const known = Object.values(last?.locks ?? {}).some((other) => lockId(other) === lock);
  // What an environment says of itself stands first, and counts: of a branch it tells more than the lock.
  const now = { ...versions, ...locksOf(prepared)[id]?.packages, ...versions };
  const earlier = {
    ...last?.locks[before]?.packages,
    ...last?.standing.report.pins.find((pin) => pin.id === before)?.versions,
  };
  const moved = Object.entries(now).flatMap(([name, to]) => {
    const from = earlier[name];
    return from === undefined || from === to ? [] : [{ package: name, from, to }];
  });
  return {
    id,
    versions,
    // A branch moves on without its lock.
    isNew: lock !== undefined && (!known || moved.length > 0),
    ...(follower === undefined ? {} : { follows: follower }),
    moved,
    isHead: !tonight.some((other) => nextOlder(other, tonight)?.id === id),
    ...(broken === undefined ? {} : { broken }),
  };
};

/** A failure keeps the night on which it appeared as long as it, or one that looks the same, stands. */
const standingFailures = (
  { failures }: Report,
  heads: ReadonlySet<string>,
  { last, day }: NightFindings,
): readonly StandingFailure[] =>
  failures.map((failure) => {
    const earlier =
      last?.night.failures.find((one) => one.failure.id === failure.id) ??
      last?.night.failures.find((one) => one.failure.signature === failure.signature);
    return {
      failure,
      appeared: earlier?.appeared ?? day,
      isCurrent: failure.pins.some((pin) => heads.has(pin)),
      ...(earlier?.bisect === undefined ? {} : { bisect: earlier.bisect }),
      ...(earlier?.unbisected === undefined ? {} : { unbisected: earlier.unbisected }),
    };
  });

/** Signatures that stood on what is newest and stand there no more, tonight or on some night before. */
const endedFailures = (
  { last, day }: NightFindings,
  failures: readonly StandingFailure[],
  heads: ReadonlySet<string>,
): readonly EndedFailure[] => {
  const current = new Set(failures.filter(({ isCurrent }) => isCurrent).map(({ failure }) => failure.signature));
  const before = last?.night.failures.filter(({ isCurrent }) => isCurrent) ?? [];
  const endedNow = before.map(({ failure: { id, signature } }) => ({ id, signature, day, on: [...heads] }));
  const all = [...endedNow, ...(last?.night.ended ?? [])].filter(({ signature }) => !current.has(signature));
  return [...new Map(all.toReversed().map((ended) => [ended.signature, ended])).values()];
};

const staleIn = ({ expectations, refusals }: Report): readonly string[] =>
  [...expectations, ...refusals].filter(({ state }) => state === 'stale').map(({ id }) => id);
