/** What a mixture came to: it shows what moving everything shows, or not, or it cannot be had. */
export type Outcome = 'shown' | 'not-shown' | 'unresolved';

/** Asks for the mixture in which these differences are moved, and no others. */
export type Mix = (moved: readonly number[]) => Promise<Outcome>;

/** Mixtures that are asked for once each. */
export interface RememberedMixtures {
  readonly mix: Mix;
  /** How many were asked for. */
  readonly asks: () => number;
}

/** No mixture is asked for twice, and the two ends are known. */
export const rememberMixtures = (size: number, mix: Mix): RememberedMixtures => {
  const known = new Map<string, Promise<Outcome>>();
  let asks = 0;
  return {
    asks: () => asks,
    mix: (moved) => {
      if (moved.length === 0) return Promise.resolve('not-shown');
      if (moved.length === size) return Promise.resolve('shown');
      const sorted = moved.toSorted((left, right) => left - right);
      const key = sorted.join();
      const outcome = known.get(key) ?? mix(sorted);
      if (!known.has(key)) asks += 1;
      known.set(key, outcome);
      return outcome;
    },
  };
};
