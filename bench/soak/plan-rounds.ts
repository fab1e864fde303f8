import type { Kill, Target } from '../../harness/soak/kill.ts';
import type { Part } from '../../harness/soak/parts.ts';
import { seededDraw, shuffled, type Draw } from '../../properties/seeded-random.ts';

/** Every so many rounds, a probe or a rank alone is killed; and every so many, a campaign three times. */
const [aloneEvery, thriceEvery] = [5, 4];

/**
 * Moments of so many rounds: drawn from the seed, spread so that every part is hit. `hasProbes`: some rounds kill a
 * probe or a rank alone.
 */
export const planRounds = (
  rounds: number,
  seed: number,
  parts: readonly Part[],
  hasProbes: boolean,
): readonly (readonly Kill[])[] => {
  const draw = seededDraw(seed);
  const [forAll, forProbes] = [strata(parts, rounds, draw), strata(whileProbesRun(parts), rounds, draw)];
  const kill = (target: Target, { isReached, ms }: Part): Kill => ({
    target,
    isReached,
    afterMs: Math.round((ms * draw(1000)) / 1000),
  });
  return forAll.map((part, round) => {
    if (hasProbes && round % aloneEvery === aloneEvery - 1) {
      const target = round % (2 * aloneEvery) === aloneEvery - 1 ? 'probe' : 'rank';
      return [kill(target, forProbes[Math.floor(round / aloneEvery)] ?? part)];
    }
    const first = kill(round % 2 === 0 ? 'harness' : 'group', part);
    if (round % thriceEvery !== thriceEvery - 1) return [first];
    const more = (['group', 'harness'] as const).map((target) => kill(target, parts[draw(parts.length)] ?? part));
    return [first, ...more];
  });
};

/** Before the first and in the last part there is none. */
const whileProbesRun = (parts: readonly Part[]): readonly Part[] => parts.slice(1, -1);

/** All values in a drawn order, then all again in another. */
const strata = <T>(values: readonly T[], count: number, draw: Draw): readonly T[] =>
  Array.from({ length: Math.ceil(count / values.length) }, () => shuffled(values, draw))
    .flat()
    .slice(0, count);
