import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { CampaignEvent } from '../../reports/events.ts';
import { startCampaign, type CampaignEnd, type CampaignProcess, type Ground } from './campaign-process.ts';
import { leftAfter, markedProcesses, type MarkedProcess } from './marked-processes.ts';
import { stageOf, type Stage } from './stages.ts';
import { comparable, filesOf, ledgerHealth, readLatestReport, readRows, type Row } from './traces.ts';

/** Whom a signal reaches: the harness alone, its process group, its newest probe alone, or one rank of that. */
export type Target = 'harness' | 'group' | 'probe' | 'rank';

/** When and whom to kill. */
export interface Kill {
  readonly target: Target;
  /** Killed so long after the events are so, in milliseconds. */
  readonly afterMs: number;
  /** `confirmations`: the cold cells that this run has to execute. */
  readonly isReached: (events: readonly CampaignEvent[], confirmations: number) => boolean;
}

/** What a whole run left, to compare with. */
export interface Undisturbed {
  readonly report: unknown;
  readonly files: readonly string[];
  readonly exitCode: number | undefined;
  readonly rows: number;
  readonly coldRows: number;
}

/** What came of a kill. */
export interface Killed {
  readonly target: Target;
  /** Stage at that moment; `ended`: there was nothing left to kill. */
  readonly reached: Stage | 'ended';
  /** Milliseconds since that process was started. */
  readonly atMs: number;
  /** Observations in the ledger afterwards. */
  readonly rows: number;
}

/** What came of a campaign that was killed, and started again until it could finish. */
export interface Round {
  readonly kills: readonly Killed[];
  /** Duration of the run that finished, in milliseconds. */
  readonly finishMs: number;
  readonly isEqual: boolean;
  /** The longest that any process lived on after a kill or the end, in milliseconds. */
  readonly lingeredMs: number;
  /** Processes that were still there after {@link lingerLimitMs}. */
  readonly left: readonly MarkedProcess[];
  /** What else is not as it must be, in words; empty when all is well. */
  readonly problems: readonly string[];
}

/** How long processes of a killed campaign may take to go, in milliseconds. */
export const lingerLimitMs = 5_000;

/** Runs a campaign to its end and takes down what it left. */
export const runUndisturbed = async (
  ground: Ground,
): Promise<{ readonly left: Undisturbed; readonly process: CampaignProcess; readonly end: CampaignEnd }> => {
  await using process = startCampaign(ground);
  const end = await process.end;
  if (end.exitCode !== 0 && end.exitCode !== 1) throw new Error(`the undisturbed run failed: ${end.stderr}`);
  return { left: await takeDown(ground, end), process, end };
};

/**
 * Kills a campaign again and again, starts it anew each time, at once, and lets the last one finish. One whose probe or
 * rank alone was killed has to come to its end by itself.
 */
export const disturb = async (ground: Ground, kills: readonly Kill[], whole: Undisturbed): Promise<Round> => {
  const killed: Killed[] = [];
  const problems: string[] = [];
  const lingering: Promise<Lingered>[] = [];
  let known: ReadonlyMap<Row, unknown> = new Map();
  let pending = [...kills];
  for (;;) {
    const before = readRows(ground.results);
    problems.push(...lostRows(known, before));
    known = before;
    await using process = startCampaign(ground);
    const confirmations = whole.coldRows - [...before.values()].filter(({ cold }) => cold).length;
    while (pending[0] !== undefined) {
      const [kill] = pending;
      pending = pending.slice(1);
      const dying = await carryOut(kill, process, ground, confirmations);
      lingering.push(watch(dying.victims, ground.mark));
      if (dying.endsHarness) await process.end;
      killed.push({ ...dying.killed, rows: readRows(ground.results).size });
      if (dying.endsHarness) break;
    }
    const end = await process.end;
    if (end.signal !== undefined) continue;
    lingering.push(watch(await markedProcesses(ground.mark), ground.mark));
    const lingered = await Promise.all(lingering);
    const after = await takeDown(ground, end);
    problems.push(
      ...lostRows(known, readRows(ground.results)),
      ...(await wrongTraces(ground, after, whole, before.size)),
    );
    return {
      kills: killed,
      finishMs: end.ms,
      isEqual: isDeepStrictEqual(after.report, whole.report),
      lingeredMs: Math.max(...lingered.map(({ ms }) => ms)),
      left: lingered.flatMap(({ left }) => left),
      problems,
    };
  }
};

const takeDown = async ({ results }: Ground, { exitCode }: CampaignEnd): Promise<Undisturbed> => {
  const rows = readRows(results);
  return {
    report: comparable(await readLatestReport(results)),
    files: await filesOf(results),
    exitCode,
    rows: rows.size,
    coldRows: [...rows.values()].filter(({ cold }) => cold).length,
  };
};

interface Dying {
  readonly killed: Omit<Killed, 'rows'>;
  readonly victims: readonly MarkedProcess[];
  readonly endsHarness: boolean;
}

const carryOut = async (
  { target, afterMs, isReached }: Kill,
  process: CampaignProcess,
  { mark }: Ground,
  confirmations: number,
): Promise<Dying> => {
  const began = performance.now() - (process.times.at(-1) ?? 0);
  await process.reach((events) => isReached(events, confirmations));
  await Promise.race([sleep(afterMs), process.end]);
  const alive = await markedProcesses(mark);
  const reached = alive.some(({ pid }) => pid === process.pid) ? stageOf(process.events, confirmations) : 'ended';
  const victim = victimOf(target, process.pid, alive);
  if (victim !== undefined) sendKill(victim);
  const endsHarness = target === 'harness' || target === 'group';
  return {
    killed: { target, reached: victim === undefined ? 'ended' : reached, atMs: performance.now() - began },
    victims: endsHarness ? alive : alive.filter(({ pid, parent }) => pid === victim || parent === victim),
    endsHarness,
  };
};
