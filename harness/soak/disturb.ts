import { isDeepStrictEqual } from 'node:util';
import { startCampaign, type CampaignEnd, type Ground } from './campaign-process.ts';
import { carryOut, endsCampaign, type Kill, type Killed } from './kill.ts';
import { lingering, markedProcesses, type Lingered } from './marked-processes.ts';
import { readRows, takeDown, type Rows, type Traces } from './traces.ts';
import { traceProblems } from './trace-problems.ts';

/** A kill, and the observations in the ledger afterwards. */
export type Recorded = Killed & { readonly rows: number };

/** What came of a campaign that was killed, and started again until it could finish. */
export interface Round {
  readonly kills: readonly Recorded[];
  /** Duration of the run that finished, in milliseconds. */
  readonly finishMs: number;
  /** The report is that of the undisturbed run. */
  readonly isEqual: boolean;
  /** What became of the processes: of each kill and of the end. */
  readonly lingered: readonly Lingered[];
  /** Everything that is not as it must be, in words; empty when all is well. */
  readonly problems: readonly string[];
}

/** Runs a campaign to its end, and takes down what it left. */
export const runWhole = async (ground: Ground): Promise<Traces> => {
  await using campaign = startCampaign(ground);
  const end = await campaign.end;
  return takeDown(ground, end);
};

/**
 * Kills a campaign at each of the moments and starts it anew at once, while what the last one left may be dying still.
 * One that loses no more than a probe or a rank has to come to its end by itself.
 */
export const disturb = async (ground: Ground, moments: readonly Kill[], whole: Traces): Promise<Round> => {
  const kills: Recorded[] = [];
  const lingered: Promise<Lingered>[] = [];
  const states: Rows[] = [new Map()];
  let end: CampaignEnd | undefined;
  for (const run of splitIntoRuns(moments)) {
    await using campaign = startCampaign(ground);
    const confirmations = whole.coldRows - coldRows(states.at(-1));
    for (const kill of run) {
      const killed = await carryOut(kill, campaign, ground.mark, confirmations);
      lingered.push(lingering(killed.victims, ground.mark));
      if (endsCampaign(kill)) await campaign.end;
      kills.push({ ...killed, rows: readRows(ground.results).size });
    }
    end = await campaign.end;
    if (end.signal === undefined) break;
    states.push(readRows(ground.results));
  }
  if (end === undefined) throw new Error('the campaign was never started');
  lingered.push(lingering(await markedProcesses(ground.mark), ground.mark));
  const gone = await Promise.all(lingered);
  const traces = await takeDown(ground, end);
  return {
    kills,
    finishMs: end.ms,
    isEqual: isDeepStrictEqual(traces.report, whole.report),
    lingered: gone,
    problems: traceProblems(traces, whole, states, gone),
  };
};

/** Each run but the last ends with a kill that ends the campaign. */
const splitIntoRuns = (moments: readonly Kill[]): readonly (readonly Kill[])[] => {
  const runs: Kill[][] = [[]];
  for (const kill of moments) {
    runs.at(-1)?.push(kill);
    if (endsCampaign(kill)) runs.push([]);
  }
  return runs;
};

const coldRows = (rows: Rows = new Map()): number => [...rows.values()].filter(({ cold }) => cold).length;
