import { randomUUID } from 'node:crypto';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { bisectSchema, type Bisect } from '../../reports/bisect-model.ts';
import { commandLine, markVariable, type Ground } from './campaign-process.ts';
import { killNow } from './kill.ts';
import { lingering, markedProcesses, type Lingered } from './marked-processes.ts';
import { readHealth, readRows } from './traces.ts';

/** A bisect, and a results folder of its own that holds its failure. */
export interface BisectGround extends Omit<Ground, 'matrix'> {
  readonly failure: string;
}

/** A fresh place for a bisect below `folder`: a copy of the results of the campaign that found the failure. */
export const layBisectGround = async (
  folder: string,
  { failure, words, results: found }: Pick<BisectGround, 'failure' | 'words' | 'results'>,
): Promise<BisectGround> => {
  const [results, scratch] = [join(folder, 'results'), join(folder, 'tmp')];
  await mkdir(scratch, { recursive: true });
  await cp(found, results, { recursive: true });
  return { failure, words, results, scratch, mark: randomUUID() };
};

/** What a bisect that has come to its end left. */
export interface BisectTraces {
  /** What must not depend on how often it was interrupted: all but times, places, and how much was asked and run now. */
  readonly answer: unknown;
  readonly ran: number;
  readonly rows: ReadonlySet<string>;
  readonly health: string;
  readonly ms: number;
}

/** When to kill -9, and whom: the harness alone, or its process group. */
export interface BisectKill {
  readonly target: 'harness' | 'group';
  /** Milliseconds after the start. */
  readonly afterMs?: number;
  /** As soon as the ledger holds so many observations more than at the start. */
  readonly afterRows?: number;
}

/** What came of a bisect that was killed, and started again until it could finish. */
export interface BisectRound {
  readonly kills: readonly (BisectKill & {
    readonly isMissed: boolean;
    readonly atMs: number;
    readonly rows: number;
  })[];
  readonly finishMs: number;
  readonly ran: number;
  /** Must be that of the undisturbed one. */
  readonly answer: unknown;
  /** Everything else that is not as it must be, in words. */
  readonly problems: readonly string[];
}

/** Runs a bisect to its end. Throws when it finds no answer. */
export const bisectWhole = async (ground: BisectGround): Promise<BisectTraces> => {
  const began = performance.now();
  const { exitCode, stdout, stderr } = await startBisect(ground);
  if (exitCode !== 0) throw new Error(`The bisect ended with exit code ${exitCode}: ${stderr}`);
  const bisect = bisectSchema.parse(JSON.parse(stdout));
  return {
    answer: lasting(bisect),
    ran: bisect.ran,
    rows: new Set(readRows(ground.results).keys()),
    health: readHealth(ground.results),
    ms: performance.now() - began,
  };
};

/** Kills a bisect at each of the moments and starts it anew at once, while what the last one left may be dying still. */
export const disturbBisect = async (
  ground: BisectGround,
  moments: readonly BisectKill[],
  whole: BisectTraces,
): Promise<BisectRound> => {
  const kills: BisectRound['kills'][number][] = [];
  const lingered: Promise<Lingered>[] = [];
  let before = new Set(readRows(ground.results).keys());
  const atStart = before.size;
  const rowsSince = (): number => readRows(ground.results).size - atStart;
  const problems: string[] = [];
  for (const kill of moments) {
    const began = performance.now();
    const bisect = startBisect(ground);
    let isOver = false;
    const end = bisect.finally(() => (isOver = true));
    await Promise.race([end, momentOf(kill, () => isOver || rowsSince() >= (kill.afterRows ?? 0))]);
    const alive = await markedProcesses(ground.mark);
    const { pid } = bisect;
    const isMissed = isOver || pid === undefined || !killNow(kill.target === 'group' ? -pid : pid);
    const atMs = performance.now() - began;
    if (!isMissed) lingered.push(lingering(alive, ground.mark));
    await end;
    const rows = new Set(readRows(ground.results).keys());
    problems.push(...lost(before, rows));
    before = rows;
    kills.push({ ...kill, isMissed, atMs, rows: rows.size - atStart });
  }
  const last = await bisectWhole(ground);
  lingered.push(lingering(await markedProcesses(ground.mark), ground.mark));
  const left = (await Promise.all(lingered)).flatMap((each) => each.left);
  problems.push(...lost(before, last.rows));
  // A run that was killed may have run what it could not record any more; what is recorded is not run again.
  if (last.ran !== last.rows.size - before.size)
    problems.push(`${last.ran} cells run, ${last.rows.size - before.size} new`);
  if (last.rows.size !== whole.rows.size) problems.push(`${last.rows.size} observations instead of ${whole.rows.size}`);
  if (last.health !== 'ok') problems.push(last.health);
  problems.push(...left.map(({ command }) => `${command} is left`));
  return { kills, finishMs: last.ms, ran: last.ran, answer: last.answer, problems };
};

const startBisect = ({ failure, words, results, scratch, mark }: BisectGround): ReturnType<typeof spawn> =>
  spawn([commandLine, 'bisect', failure, '--results', results, '--json', '--quiet', ...words], {
    [markVariable]: mark,
    TMPDIR: scratch,
    NODE_NO_WARNINGS: '1',
  });

const spawn = (words: readonly string[], env: Readonly<Record<string, string>>) =>
  execa(process.execPath, words, { env, stdin: 'ignore', reject: false, detached: true, cleanup: false });

const momentOf = async ({ afterMs = 0 }: BisectKill, isReached: () => boolean): Promise<void> => {
  await sleep(afterMs);
  while (!isReached()) await sleep(50);
};

const lost = (before: ReadonlySet<string>, after: ReadonlySet<string>): readonly string[] => {
  const gone = [...before].filter((row) => !after.has(row)).length;
  return gone === 0 ? [] : [`${gone} observations were changed or lost`];
};

/**
 * The command that asks again names the folder; commits that are asked at once answer in any order; and what an earlier
 * run came to know counts neither as an answer of this one nor as a round.
 */
const lasting = (bisect: Bisect): unknown => {
  const {
    startedAt: _startedAt,
    finishedAt: _finishedAt,
    ran: _ran,
    replay: _replay,
    culprits,
    releases,
    ...rest
  } = bisect;
  return {
    ...rest,
    culprits: culprits.map(({ commits, ...culprit }) => ({
      ...culprit,
      ...commits,
      asked: commits?.asked.toSorted((left, right) => left.commit.hash.localeCompare(right.commit.hash)),
    })),
    releases: releases.map(({ rounds: _rounds, candidates, ...others }) => ({
      ...others,
      candidates: candidates.map(({ order: _order, ...candidate }) => candidate),
    })),
  };
};
