import type { CampaignEvent } from '../../reports/events.ts';
import type { CampaignProcess } from './campaign-process.ts';

/** What a campaign is doing, in order. `reporting` begins when the last cell has ended. */
export const stages = ['starting', 'importing', 'running', 'shrinking', 'confirming', 'reporting'] as const;
export type Stage = (typeof stages)[number];

/** Which stage the events have reached; `confirmations`: the cold cells that this run has to execute. */
export const stageOf = (events: readonly CampaignEvent[], confirmations: number): Stage => {
  const confirming = stageStart(events, 'confirm');
  if (confirming >= 0) return cellsFinished(events.slice(confirming)) < confirmations ? 'confirming' : 'reporting';
  if (stageStart(events, 'shrink') >= 0) return 'shrinking';
  if (stageStart(events, 'run') >= 0) return 'running';
  return events.some(({ kind }) => kind === 'pin-step') ? 'importing' : 'starting';
};

/** How long each stage of a whole run took, in milliseconds. */
export const stageDurations = (
  { events, times }: Pick<CampaignProcess, 'events' | 'times'>,
  confirmations: number,
  totalMs: number,
): Readonly<Record<Stage, number>> => {
  const starts = stages.map((stage) => {
    const reached = events.findIndex((_, index) =>
      isAtLeast(stageOf(events.slice(0, index + 1), confirmations), stage),
    );
    return stage === 'starting' ? 0 : (times[reached] ?? totalMs);
  });
  const of = (index: number): number => (starts[index + 1] ?? totalMs) - (starts[index] ?? totalMs);
  return {
    starting: of(0),
    importing: of(1),
    running: of(2),
    shrinking: of(3),
    confirming: of(4),
    reporting: of(5),
  };
};

export const isAtLeast = (stage: Stage, other: Stage): boolean => stages.indexOf(stage) >= stages.indexOf(other);

export const cellsFinished = (events: readonly CampaignEvent[]): number =>
  events.filter(({ kind }) => kind === 'cell-finished').length;

const stageStart = (events: readonly CampaignEvent[], stage: 'run' | 'shrink' | 'confirm'): number =>
  events.findIndex((event) => event.kind === 'stage-started' && event.stage === stage);
