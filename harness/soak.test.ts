import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededDraw } from '../properties/seeded-random.ts';
import type { CampaignEvent } from '../reports/events.ts';
import { startCampaign, type CampaignEnd, type CampaignProcess, type Ground } from './soak/campaign-process.ts';
import { disturb, runWhole } from './soak/disturb.ts';
import { layGround, soakMatrix } from './soak/ground.ts';
import type { Kill } from './soak/kill.ts';
import { lingering, markedProcesses } from './soak/marked-processes.ts';
import { cellsFinished, isAtLeast, stageOf, type Stage } from './soak/stages.ts';
import { readHealth, readLatestReport, readRows, takeDown, type Rows, type Traces } from './soak/traces.ts';
import { traceProblems } from './soak/trace-problems.ts';

/** A campaign imports torch two times, in new processes too; on a busy machine each takes its time. */
const timeout = 900_000;
const draw = seededDraw(20_261_122);

let folder: string;
let whole: Traces;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soak-'));
  whole = await runWhole(await groundNamed('undisturbed'));
}, timeout);
afterAll(() => rm(folder, { recursive: true, force: true }));

const groundNamed = (name: string): Promise<Ground> => layGround(join(folder, name), soakMatrix);

/** By progress, not by the clock: the same moments on every machine. */
const killIn = (stage: Stage, target: Kill['target'], cells = 0): Kill => ({
  target,
  afterMs: 0,
  isReached: (events, confirmations) => {
    const reached = stageOf(events, confirmations);
    return isAtLeast(reached, stage) && (reached !== stage || cellsFinished(events) >= cells);
  },
});

test('the campaign has what there is to interrupt', () => {
  expect(whole.exitCode).toBe(0);
  expect(whole.report).toMatchObject({ failures: [{ confirmed: 'yes' }] });
  expect(whole.coldRows).toBeGreaterThan(0);
});

describe('kill -9', () => {
  test(
    'of the harness, of its group, and again of the harness: started again, it comes to the same report and runs nothing twice',
    async () => {
      const kills = [
        killIn('running', 'harness', 1 + draw(5)),
        killIn('shrinking', 'group', draw(2)),
        killIn('confirming', 'harness'),
      ];
      const round = await disturb(await groundNamed('killed'), kills, whole);
      expect(round.kills).toMatchObject([{ reached: 'running' }, { reached: 'shrinking' }, { reached: 'confirming' }]);
      expect(round.problems).toEqual([]);
      expect(round.isEqual).toBe(true);
    },
    timeout,
  );

  test(
    'of a rank, and of a probe: the campaign asks again, and comes to the same report by itself',
    async () => {
      const kills = [killIn('running', 'rank', 1 + draw(3)), killIn('shrinking', 'probe')];
      const round = await disturb(await groundNamed('bereft'), kills, whole);
      expect(round.problems).toEqual([]);
      expect(round.isEqual).toBe(true);
    },
    timeout,
  );
});

describe('Ctrl-C', () => {
  test(
    'once finishes the running cells and writes the report; the same command goes on, as after SIGTERM',
    async () => {
      const ground = await groundNamed('interrupted');
      const states: Rows[] = [new Map()];
      for (const [signal, stage] of [
        ['SIGINT', 'running'],
        ['SIGTERM', 'shrinking'],
      ] as const) {
        await using campaign = startCampaign(ground);
        await campaign.reach((events) => isAtLeast(stageOf(events, 1), stage) && isUnderWay(events));
        process.kill(-campaign.pid, signal);
        const end = await campaign.end;
        expect(end).toMatchObject({ exitCode: 130, stderr: '' });
        expect((await readLatestReport(ground.results)).campaign).toMatchObject({ interrupted: true });
        expect(count(campaign.events, 'cell-started')).toBe(cellsFinished(campaign.events));
        const rows = readRows(ground.results);
        expect(rows.size - (states.at(-1)?.size ?? 0)).toBe(cellsFinished(campaign.events));
        states.push(rows);
        expect(await lingering(await markedProcesses(ground.mark), ground.mark)).toMatchObject({ left: [] });
      }
      await using campaign = startCampaign(ground);
      const traces = await takeDown(ground, await campaign.end);
      expect(traceProblems(traces, whole, states, [])).toEqual([]);
      expect(traces.report).toEqual(whole.report);
    },
    timeout,
  );

  test(
    'twice ends at once',
    async () => {
      const ground = await groundNamed('aborted');
      {
        await using campaign = startCampaign(ground);
        await campaign.reach((events) => count(events, 'pin-step') > 0);
        await expect(strikeTwice(campaign)).resolves.toMatchObject({ exitCode: 130, signal: undefined });
        expect(count(campaign.events, 'pin-ready')).toBe(0);
      }
      await using campaign = startCampaign(ground);
      await campaign.reach((events) => cellsFinished(events) > 0 && isUnderWay(events));
      await expect(strikeTwice(campaign)).resolves.toMatchObject({ exitCode: 130, signal: undefined });
      expect(readHealth(ground.results)).toBe('ok');
      expect(readRows(ground.results).size).toBe(cellsFinished(campaign.events));
      expect(await lingering(await markedProcesses(ground.mark), ground.mark)).toMatchObject({ left: [] });
      expect((await takeDown(ground, await campaign.end)).scratch).toEqual([]);
    },
    timeout,
  );
});

const strikeTwice = async (campaign: CampaignProcess): Promise<CampaignEnd> => {
  process.kill(-campaign.pid, 'SIGINT');
  await campaign.reach((events) => count(events, 'interrupted') > 0);
  process.kill(-campaign.pid, 'SIGINT');
  return campaign.end;
};

const isUnderWay = (events: readonly CampaignEvent[]): boolean => count(events, 'cell-started') > cellsFinished(events);

const count = (events: readonly CampaignEvent[], kind: CampaignEvent['kind']): number =>
  events.filter((event) => event.kind === kind).length;
