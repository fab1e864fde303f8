import { canonicalConfig } from '../../matrices/config.ts';
import type { Config } from '../../matrices/config.ts';
import type { VerdictKind } from '../../properties/verdict.ts';
import type { CampaignEvent } from '../events.ts';
import { addFinish, timeLeft } from './time-left.ts';
import type { Finishes } from './time-left.ts';

export type StageName = Extract<CampaignEvent, { kind: 'stage-started' }>['stage'];

interface PinProgress {
  readonly state: 'waiting' | 'working' | 'ready' | 'broken' | 'skipped';
  /** The slow step under way; empty unless `working`. */
  readonly step: string;
  /** When that step began, in milliseconds. */
  readonly since: number;
}

export interface Stage {
  readonly name: StageName;
  readonly total: number | undefined;
  readonly done: number;
  /** Cells run in this stage; the same as `done` except where many cells serve one failure. */
  readonly cells: number;
  readonly finishes: Finishes;
}

interface RunningCell {
  readonly pin: string;
  readonly config: Config;
  readonly since: number;
}

interface FoundFailure {
  readonly signature: string;
  readonly message: string;
  readonly known: string | undefined;
}

/** Where a campaign stands, as far as its events have told. Times are in milliseconds of the reporter's clock. */
export interface Progress {
  readonly matrix: string;
  readonly startedAt: number;
  readonly pins: ReadonlyMap<string, PinProgress>;
  readonly planned: number | undefined;
  /** Planned cells that are in the ledger already. */
  readonly reused: number;
  readonly stage: Stage | undefined;
  /** Longest running first. */
  readonly running: readonly RunningCell[];
  /** Of the cells that this run executed for the plan; what shrinking and confirming ran does not count. */
  readonly counts: Readonly<Record<VerdictKind, number>>;
  readonly failures: readonly FoundFailure[];
  readonly interrupted: boolean;
}

export const beginProgress = (at: number): Progress => ({
  matrix: '',
  startedAt: at,
  pins: new Map(),
  planned: undefined,
  reused: 0,
  stage: undefined,
  running: [],
  counts: { pass: 0, fail: 0, flaky: 0, unsupported: 0, skipped: 0, broken: 0 },
  failures: [],
  interrupted: false,
});

/** Where the campaign stands after an event that came at the time `at`. */
export const advance = (progress: Progress, event: CampaignEvent, at: number): Progress => {
  switch (event.kind) {
    case 'campaign-started': {
      const waiting = { state: 'waiting', step: '', since: at } as const;
      return { ...progress, matrix: event.matrix, pins: new Map(event.pins.map((pin) => [pin, waiting])) };
    }
    case 'pin-step':
      return withPin(progress, event.pin, { state: 'working', step: event.step, since: at });
    case 'pin-ready':
      return withPin(progress, event.pin, { state: 'ready', step: '', since: at });
    case 'pin-broken':
      return withPin(progress, event.pin, { state: 'broken', step: '', since: at });
    case 'pin-skipped':
      return withPin(progress, event.pin, { state: 'skipped', step: '', since: at });
    case 'planned':
      return { ...progress, planned: event.cells, reused: event.known };
    case 'stage-started':
      return { ...progress, stage: enterStage(progress, event, at) };
    case 'cell-started': {
      const cell = { pin: event.pin, config: event.config, since: at };
      return { ...progress, running: [...progress.running, cell] };
    }
    case 'cell-finished':
      return finishCell(progress, event, at);
    case 'failure-found': {
      const { signature, message, known } = event;
      return { ...progress, failures: [...progress.failures, { signature, message, known }] };
    }
    case 'failure-shrunk':
      return steppedIn('shrink', progress, at);
    case 'failure-bisected':
      return steppedIn('bisect', progress, at);
    case 'interrupted':
      return { ...progress, interrupted: true };
    case 'campaign-finished':
    case 'shard-finished':
      return { ...progress, stage: undefined, running: [] };
    case 'bisect-answered':
    case 'warning':
      break;
  }
  return progress;
};

/** Milliseconds until the stage is likely to be done; undefined when there is nothing to go by. */
export const stageTimeLeft = (stage: Stage, now: number): number | undefined => {
  if (stage.total === undefined || stage.done >= stage.total) return undefined;
  const left = timeLeft(stage.finishes, stage.total - stage.done);
  const sinceLast = now - (stage.finishes.at(-1) ?? now);
  return left === undefined ? undefined : Math.max(0, left - sinceLast);
};

type EventOf<Kind extends CampaignEvent['kind']> = Extract<CampaignEvent, { kind: Kind }>;

const withPin = (progress: Progress, pin: string, state: PinProgress): Progress => ({
  ...progress,
  pins: new Map(progress.pins).set(pin, state),
});

const enterStage = (progress: Progress, event: EventOf<'stage-started'>, at: number): Stage => {
  const planned = progress.planned === undefined ? undefined : progress.planned - progress.reused;
  const total = event.total ?? (event.stage === 'run' ? planned : undefined);
  return progress.stage?.name === event.stage
    ? { ...progress.stage, total }
    : { name: event.stage, total, done: 0, cells: 0, finishes: [at] };
};

const finishCell = (progress: Progress, event: EventOf<'cell-finished'>, at: number): Progress => {
  const { stage, counts } = progress;
  const key = canonicalConfig(event.config);
  const ended = progress.running.findIndex((cell) => cell.pin === event.pin && canonicalConfig(cell.config) === key);
  return {
    ...progress,
    running: progress.running.filter((_, index) => index !== ended),
    counts: stage?.name === 'run' ? { ...counts, [event.verdict]: counts[event.verdict] + 1 } : counts,
    stage: stage && { ...(isOfFailures(stage) ? stage : stepped(stage, at)), cells: stage.cells + 1 },
  };
};

/** Many cells serve one failure. */
export const isOfFailures = ({ name }: Pick<Stage, 'name'>): boolean => name === 'shrink' || name === 'bisect';

const steppedIn = (name: StageName, progress: Progress, at: number): Progress => ({
  ...progress,
  stage: progress.stage?.name === name ? stepped(progress.stage, at) : progress.stage,
});

const stepped = (stage: Stage, at: number): Stage => ({
  ...stage,
  done: stage.done + 1,
  finishes: addFinish(stage.finishes, at),
});
