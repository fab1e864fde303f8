import type { Survey } from '../../harness/survey.ts';
import { judgeConfig } from '../../harness/judge-config.ts';
import { isFeasible } from '../../harness/plan.ts';
import type { Config } from '../../matrices/config.ts';
import { allProperties } from '../../properties/all.ts';
import { configArbitrary } from '../../properties/config-arbitrary.ts';
import { leaps } from '../../properties/leaps.ts';
import { compareSimplicity } from '../../properties/order.ts';
import { shrinkSearch } from '../../properties/shrink-search.ts';
import { looksLike, type Sighting } from './sightings.ts';

/** The search for a smaller config may take so long. */
const limitMs = 45_000;

/** The smallest config that still looks like the bug, as far as it was searched for. */
export const shrinkSighting = async (
  { sign, config }: Sighting,
  { pins, laboratory, stop }: Survey,
): Promise<Config> => {
  const [ready] = pins;
  // A pin that cannot be imported has nothing smaller, and what is not run is not shrunk.
  if (ready === undefined || sign.verdict !== 'fail') return config;
  const { axes } = laboratory.catalogue;
  const feasible = isFeasible(laboratory.catalogue, ready);
  const arbitrary = configArbitrary(axes, feasible);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(limitMs)]);
  const search = shrinkSearch(config, {
    candidates: (larger) => [...arbitrary.shrink(larger, undefined)].map(({ value }) => value),
    leaps: (larger) => leaps(axes, larger).filter(feasible),
    compare: compareSimplicity(axes),
    isInteresting: async (smaller) => {
      const { verdict, violations } = await judgeConfig(laboratory, ready, smaller, {
        properties: allProperties,
        by: laboratory.run,
      });
      return verdict.kind === 'broken' ? 'unknown' : violations.some((violation) => looksLike(violation, sign));
    },
    width: 4,
    signal,
  });
  try {
    return (await search).minimal;
  } catch (error) {
    if (!signal.aborted) throw error;
    return config;
  }
};
