import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { canonicalConfig, type Config } from '../matrices/config.ts';
import { normalise } from '../matrices/normalise.ts';
import { configArbitrary } from './config-arbitrary.ts';
import { simplifications } from './config-space.ts';
import { allConfigs, randomSpace } from './fixtures/random-space.ts';
import { trainingAxes } from './fixtures/training-axes.ts';
import { compareSimplicity } from './order.ts';

/** Tests say the same on every day. */
const fixed = { seed: 42 };

const compare = compareSimplicity(trainingAxes);
const config = configArbitrary(trainingAxes, () => true);

const of = (choices: Config): Config => normalise(trainingAxes, choices);

describe('compareSimplicity', () => {
  test('is total and antisymmetric: only the same config is equal', () => {
    fc.assert(
      fc.property(config, config, (left, right) => {
        expect(Math.sign(compare(left, right))).toBe(0 - Math.sign(compare(right, left)));
        expect(compare(left, right) === 0).toBe(canonicalConfig(left) === canonicalConfig(right));
      }),
      fixed,
    );
  });

  test('is transitive', () => {
    fc.assert(
      fc.property(config, config, config, (...three) => {
        const [low, middle, high] = three.toSorted(compare);
        expect(low !== undefined && middle !== undefined && compare(low, middle) <= 0).toBe(true);
        expect(low !== undefined && high !== undefined && compare(low, high) <= 0).toBe(true);
      }),
      fixed,
    );
  });

  test('sorts the configs of a random model alike from any start', () => {
    fc.assert(
      fc.property(randomSpace(), ({ axes }) => {
        const all = allConfigs(axes);
        const sorted = all.toSorted(compareSimplicity(axes));
        expect(all.toReversed().toSorted(compareSimplicity(axes))).toEqual(sorted);
        expect(sorted[0]).toEqual(normalise(axes, {}));
      }),
      fixed,
    );
  });

  test('puts every single-field simplification first', () => {
    fc.assert(
      fc.property(randomSpace(), ({ axes }) => {
        const greater = allConfigs(axes).flatMap((one) =>
          simplifications(axes, one).filter((simpler) => compareSimplicity(axes)(simpler, one) >= 0),
        );
        expect(greater).toEqual([]);
      }),
      fixed,
    );
  });

  test('counts fields first, then cost, then the earliest value', () => {
    expect(compare(of({ adapter: 'boft' }), of({ adapter: 'lora', sharding: 'ddp' }))).toBeLessThan(0);
    expect(compare(of({ sharding: 'ddp' }), of({ precision: 'fp16' }))).toBeLessThan(0);
    expect(compare(of({ gradient_checkpointing: true }), of({ model: 'gpt2' }))).toBeLessThan(0);
    const byRanks = compareSimplicity(trainingAxes, ({ sharding }) => (sharding === 'none' ? 1 : 2));
    expect(byRanks(of({ sharding: 'ddp' }), of({ precision: 'fp16' }))).toBeGreaterThan(0);
    expect(byRanks(of({ gradient_checkpointing: true }), of({ model: 'gpt2' }))).toBeLessThan(0);
  });
});
