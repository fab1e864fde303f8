import type { CampaignProcess } from './campaign-process.ts';
import type { Kill } from './kill.ts';
import { isAtLeast, stageDurations, stageOf, stages, type Stage } from './stages.ts';

/** A part of a campaign that moments are drawn from: a stage, or one slow step of `importing`. */
export interface Part {
  readonly name: string;
  /** Also when it was left out, and a later one is under way. */
  readonly isReached: Kill['isReached'];
  readonly ms: number;
}

type Told = Pick<CampaignProcess, 'events' | 'times'>;

/** The parts of a whole run, in order, each with the time that it took. */
export const partsOf = (told: Told, confirmations: number, totalMs: number): readonly Part[] => {
  const durations = stageDurations(told, confirmations, totalMs);
  return stages.flatMap((stage): readonly Part[] =>
    stage === 'importing'
      ? stepsOf(told, confirmations, durations.importing)
      : [{ name: stage, isReached: hasReached(stage), ms: durations[stage] }],
  );
};

/** Steps of several pins that are called alike are one. */
const stepsOf = ({ events, times }: Told, confirmations: number, ms: number): readonly Part[] => {
  const all = events.flatMap((event, index) =>
    event.kind === 'pin-step' && stageOf(events.slice(0, index + 1), confirmations) === 'importing'
      ? [{ name: event.step, at: times[index] ?? 0 }]
      : [],
  );
  const steps = all.filter(({ name }, index) => all.findIndex((step) => step.name === name) === index);
  const end = (steps[0]?.at ?? 0) + ms;
  return steps.map(({ name, at }, index) => ({
    name,
    isReached: hasReachedStep(steps.slice(index).map((step) => step.name)),
    ms: (steps[index + 1]?.at ?? end) - at,
  }));
};

const hasReached =
  (stage: Stage): Part['isReached'] =>
  (events, confirmations) =>
    isAtLeast(stageOf(events, confirmations), stage);

/** `names`: the step and those that come after it. */
const hasReachedStep =
  (names: readonly string[]): Part['isReached'] =>
  (events, confirmations) =>
    events.some((event) => event.kind === 'pin-step' && names.includes(event.step)) ||
    hasReached('running')(events, confirmations);
