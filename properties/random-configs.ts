import * as fc from 'fast-check';

import type { Axis } from '../matrices/axis.ts';
import { canonicalConfig, type Config } from '../matrices/config.ts';
import { combinationsOf } from './combinations.ts';
import { indexSpace, type IndexedSpace, valuesOfConfig } from './indexed-space.ts';

export interface RandomOptions {
  /** Axes by whose values rarity is counted. */
  readonly axes: readonly Axis[];
  readonly seed: number;
  /** Configs that there are already: none of them comes again, and what they show often is less wanted. */
  readonly exclude: readonly Config[];
}

/**
 * Distinct configs of `arbitrary`, drawn as they are taken, until it has no more (or they are too rare to be drawn).
 *
 * Each is the one of a few draws that shows the greatest share of new triples of values. The same options give the same
 * configs.
 */
export function* randomConfigs(arbitrary: fc.Arbitrary<Config>, options: RandomOptions): Generator<Config, undefined> {
  const shown = new Shown(indexSpace(options.axes));
  const taken = new Set(options.exclude.map(canonicalConfig));
  for (const config of options.exclude) shown.add(config);

  const drawn = newConfigs(arbitrary, options.seed, taken);
  const passedOver: Config[] = [];
  for (;;) {
    const candidates = take(drawn, passedOver);
    const rarest = rarestOf(candidates, shown);
    if (rarest === undefined) return undefined;
    shown.add(rarest);
    passedOver.push(...candidates.filter((candidate) => candidate !== rarest));
    yield rarest;
  }
}

/** Out of so many configs the rarest is taken. */
const choice = 8;

/** As many as there is a choice of: new ones, and what was passed over before once there are no more. */
const take = (drawn: Iterator<Config>, passedOver: Config[]): readonly Config[] => {
  const taken: Config[] = [];
  while (taken.length < choice) {
    const next = drawn.next();
    const config = next.done === true ? passedOver.shift() : next.value;
    if (config === undefined) return taken;
    taken.push(config);
  }
  return taken;
};

const drawsAtOnce = 64;
/** A config is missed if it does not come up in so many draws after the last new one. */
const batchesInVain = 10;

/** The configs of the arbitrary that are not in `taken`, each once, until nothing new comes for long. */
function* newConfigs(arbitrary: fc.Arbitrary<Config>, seed: number, taken: Set<string>): Generator<Config, undefined> {
  let inVain = 0;
  for (let batch = 0; inVain < batchesInVain; batch++) {
    inVain++;
    // Far apart, so that neighbouring seeds share no batch.
    const batchSeed = (seed + Math.imul(batch, 0x9e3779b1)) | 0;
    for (const config of fc.sample(arbitrary, { seed: batchSeed, numRuns: drawsAtOnce })) {
      const text = canonicalConfig(config);
      if (taken.has(text)) continue;
      taken.add(text);
      inVain = 0;
      yield config;
    }
  }
  return undefined;
}

/** What the configs so far have shown. */
class Shown {
  readonly #space: IndexedSpace;
  readonly #triples = new Set<number>();
  readonly #timesOfPair = new Map<number, number>();

  constructor(space: IndexedSpace) {
    this.#space = space;
  }

  add(config: Config): void {
    for (const triple of this.#combinationsOf(config, 3)) this.#triples.add(triple);
    for (const pair of this.#combinationsOf(config, 2)) {
      this.#timesOfPair.set(pair, (this.#timesOfPair.get(pair) ?? 0) + 1);
    }
  }

  rarityOf(config: Config): Rarity {
    const triples = this.#combinationsOf(config, 3);
    const pairs = this.#combinationsOf(config, 2);
    return {
      triples: triples.length,
      newTriples: triples.filter((triple) => !this.#triples.has(triple)).length,
      pairs: pairs.length,
      timesOfPairs: pairs.reduce((sum, pair) => sum + (this.#timesOfPair.get(pair) ?? 0), 0),
    };
  }

  #combinationsOf(config: Config, size: number): readonly number[] {
    return combinationsOf(this.#space, valuesOfConfig(this.#space, config), size);
  }
}

interface Rarity {
  readonly triples: number;
  readonly newTriples: number;
  readonly pairs: number;
  readonly timesOfPairs: number;
}

/**
 * Rarest first: the greatest share of new triples, then the pairs seen least on average. Shares, for configs with many
 * axes must not win by their number; cross-multiplied, so that no rounding decides.
 */
const compareRarity = (left: Rarity, right: Rarity): number =>
  right.newTriples * left.triples - left.newTriples * right.triples ||
  left.timesOfPairs * right.pairs - right.timesOfPairs * left.pairs;

const rarestOf = (configs: readonly Config[], shown: Shown): Config | undefined =>
  configs
    .map((config) => ({ config, rarity: shown.rarityOf(config) }))
    .toSorted((left, right) => compareRarity(left.rarity, right.rarity))[0]?.config;
