import { setTimeout as sleep } from 'node:timers/promises';
import type { CampaignEvent } from '../../reports/events.ts';
import type { CampaignProcess } from './campaign-process.ts';
import { markedProcesses, type MarkedProcess } from './marked-processes.ts';
import { stageOf, type Stage } from './stages.ts';

/** Whom a kill reaches: the harness alone, its process group, its newest probe alone, or one rank of that. */
export type Target = 'harness' | 'group' | 'probe' | 'rank';

/** When and whom to kill. */
export interface Kill {
  readonly target: Target;
  /** `confirmations`: the cold cells that this run of the campaign has to execute. */
  readonly isReached: (events: readonly CampaignEvent[], confirmations: number) => boolean;
  /** How long after that, in milliseconds. */
  readonly afterMs: number;
}

/** What came of a kill. */
export interface Killed {
  readonly target: Target;
  /** Stage at that moment; `missed`: the campaign was over. */
  readonly reached: Stage | 'missed';
  /** The slow step that was under way, while `importing`. */
  readonly step?: string;
  /** Milliseconds since that run was started. */
  readonly atMs: number;
  /** Processes that must be gone soon. */
  readonly victims: readonly MarkedProcess[];
}

/** Whether the campaign ends with it. */
export const endsCampaign = ({ target }: Pick<Kill, 'target'>): boolean => target === 'harness' || target === 'group';

/** Waits for the moment, and kills -9. */
export const carryOut = async (
  { target, isReached, afterMs }: Kill,
  campaign: CampaignProcess,
  mark: string,
  confirmations: number,
): Promise<Killed> => {
  await campaign.reach((events) => isReached(events, confirmations));
  await Promise.race([sleep(afterMs), campaign.end]);
  const { alive, victim } = await findVictim(target, campaign, mark);
  const atMs = performance.now() - campaign.began;
  const isHit = victim !== undefined && killNow(target === 'group' ? -victim.pid : victim.pid);
  if (!isHit) return { target, reached: 'missed', atMs, victims: [] };
  const victims = endsCampaign({ target }) ? alive : [victim, ...childrenOf(victim.pid, alive)];
  const reached = stageOf(campaign.events, confirmations);
  const step = reached === 'importing' ? lastStep(campaign.events) : undefined;
  return { target, reached, ...(step === undefined ? {} : { step }), atMs, victims };
};

const lastStep = (events: readonly CampaignEvent[]): string | undefined =>
  events.findLast((event) => event.kind === 'pin-step')?.step;

interface Found {
  readonly alive: readonly MarkedProcess[];
  readonly victim: MarkedProcess | undefined;
}

/** A probe is not there in every moment: waits for one, as long as there is a campaign. */
const findVictim = async (target: Target, { pid }: CampaignProcess, mark: string): Promise<Found> => {
  for (;;) {
    const alive = await markedProcesses(mark);
    const victim = victimOf(target, pid, alive);
    if (victim !== undefined || !alive.some((process) => process.pid === pid)) return { alive, victim };
    await sleep(20);
  }
};

const victimOf = (target: Target, harness: number, alive: readonly MarkedProcess[]): MarkedProcess | undefined => {
  if (target === 'harness' || target === 'group') return alive.find(({ pid }) => pid === harness);
  const probe = childrenOf(harness, alive).findLast(({ command }) => command.includes('peft_matrix_probe'));
  if (target === 'probe' || probe === undefined) return probe;
  return childrenOf(probe.pid, alive).at(-1);
};

/** Oldest first. */
const childrenOf = (pid: number, alive: readonly MarkedProcess[]): readonly MarkedProcess[] =>
  alive
    .filter(({ parent }) => parent === pid)
    .toSorted((left, right) => Number(left.startedAt) - Number(right.startedAt));

/** Kills -9 a process, or a group where it is negative. False when it has ended just now. */
export const killNow = (pid: number): boolean => {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
};
