import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { canonicalConfig, type Config } from '../matrices/config.ts';
import { matrixAxes } from '../matrices/matrix.ts';
import { coverageOf } from './combinations.ts';
import { configArbitrary } from './config-arbitrary.ts';
import { coveringArray } from './covering.ts';
import { allConfigs, randomSpace } from './fixtures/random-space.ts';
import { trainingAxes as axes } from './fixtures/training-axes.ts';
import { randomConfigs } from './random-configs.ts';

/** Tests say the same on every day. */
const fixed = { seed: 42 };

const arbitrary = configArbitrary(axes, () => true);

describe('randomConfigs', () => {
  test('gives as many as are taken, all different', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 30 }), (seed, count) => {
        const configs = [...randomConfigs(arbitrary, { axes, seed, exclude: [] }).take(count)];
        expect(new Set(configs.map(canonicalConfig)).size).toBe(count);
      }),
      fixed,
    );
  });

  test('gives the same again, and only adds when more are taken', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 20 }), (seed, count) => {
        const few = [...randomConfigs(arbitrary, { axes, seed, exclude: [] }).take(count)];
        const more = [...randomConfigs(arbitrary, { axes, seed, exclude: [] }).take(count + 10)];
        expect(more.slice(0, count)).toEqual(few);
      }),
      fixed,
    );
  });

  test('gives what is left and no more', () => {
    fc.assert(
      fc.property(randomSpace(), fc.integer(), (space, seed) => {
        const all = allConfigs(space.axes).filter(space.feasible);
        fc.pre(all.length > 0);
        const exclude = all.filter((_, index) => index % 2 === 0);
        const arbitraryConfigs = configArbitrary(space.axes, space.feasible);
        const rest = [...randomConfigs(arbitraryConfigs, { axes: space.axes, seed, exclude })].map(canonicalConfig);
        const left = new Set(all.filter((_, index) => index % 2 === 1).map(canonicalConfig));
        expect(rest.filter((text) => !left.has(text))).toEqual([]);
        expect(new Set(rest).size).toBe(rest.length);
      }),
      fixed,
    );
  });

  test('gives all that is left of a small space', () => {
    const small = matrixAxes(axes, {
      axes: {
        adapter: ['none', 'lora'],
        rank: [4, 1],
        sharding: ['none', 'fsdp1'],
        wrap: ['peft', 'none'],
      },
    });
    const all = allConfigs(small).map(canonicalConfig);
    const options = { axes: small, seed: 42, exclude: allConfigs(small).slice(0, 4) };
    const rest = randomConfigs(
      configArbitrary(axes, () => true, small),
      options,
    );
    expect([...rest].map(canonicalConfig).toSorted()).toEqual(all.slice(4).toSorted());
  });

  test('finds more new triples after a covering array than draws do', () => {
    const exclude = coveringArray(axes, () => true, { strength: 2, seed: 42 }).configs;
    const rare = [...randomConfigs(arbitrary, { axes, seed: 42, exclude }).take(100)];
    const plain = fc.sample(arbitrary, { seed: 42, numRuns: 100 });
    const news = (configs: readonly Config[]): number =>
      coverageOf(axes, [...exclude, ...configs], 3).covered - coverageOf(axes, exclude, 3).covered;
    expect(news(rare)).toBeGreaterThan(news(plain) * 1.2);
  });
});
