import type { Kill, Target } from '../../harness/soak/kill.ts';
import { isAtLeast, stageOf, stages, type Stage } from '../../harness/soak/stages.ts';
import { seededDraw, shuffled, type Draw } from '../../properties/seeded-random.ts';

/** Every so many rounds, a probe or a rank alone is killed; and every so many, a campaign three times. */
const [aloneEvery, thriceEvery] = [5, 4];

/**
 * Moments of so many rounds: drawn from the seed, spread so that every stage is hit. `durations` are those of an
 * undisturbed run, in milliseconds.
 */
export const planRounds = (
  rounds: number,
  seed: number,
  durations: Readonly<Record<Stage, number>>,
): readonly (readonly Kill[])[] => {
  const draw = seededDraw(seed);
  const [forAll, forProbes] = [strata(stages, rounds, draw), strata(whileProbesRun, rounds, draw)];
  const kill = (target: Target, stage: Stage = 'running'): Kill => ({
    target,
    isReached: (events, confirmations) => isAtLeast(stageOf(events, confirmations), stage),
    afterMs: Math.round((durations[stage] * draw(1000)) / 1000),
  });
  return Array.from({ length: rounds }, (_, round) => {
    if (round % aloneEvery === aloneEvery - 1) {
      return [
        kill(round % (2 * aloneEvery) === aloneEvery - 1 ? 'probe' : 'rank', forProbes[Math.floor(round / aloneEvery)]),
      ];
    }
    const first = kill(round % 2 === 0 ? 'harness' : 'group', forAll[round]);
    if (round % thriceEvery !== thriceEvery - 1) return [first];
    const more = (['group', 'harness'] as const).map((target) => kill(target, stages[draw(stages.length)]));
    return [first, ...more];
  });
};

const whileProbesRun = ['importing', 'running', 'shrinking', 'confirming'] as const;

/** All values in a drawn order, then all again in another. */
const strata = <T>(values: readonly T[], count: number, draw: Draw): readonly T[] =>
  Array.from({ length: Math.ceil(count / values.length) }, () => shuffled(values, draw))
    .flat()
    .slice(0, count);
