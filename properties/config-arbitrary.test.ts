import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type Config, containsConfig, formatConfig } from '../matrices/config.ts';
import { InputError } from '../matrices/errors.ts';
import { matrixAxes } from '../matrices/matrix.ts';
import { normalise } from '../matrices/normalise.ts';
import { configArbitrary } from './config-arbitrary.ts';
import { isSettled, simplifications } from './config-space.ts';
import { allConfigs, randomSpace } from './fixtures/random-space.ts';
import { trainingAxes } from './fixtures/training-axes.ts';
import { compareSimplicity } from './order.ts';

/** Tests say the same on every day. */
const fixed = { seed: 42 };

const rare = { model: 'gpt2', adapter: 'oft', rank: 3, precision: 'bf16', sharding: 'fsdp2', fully_shard: 'root' };
const isRare = (config: Config): boolean => containsConfig(config, { ...rare, gradient_checkpointing: true });

describe('configArbitrary', () => {
  test('gives feasible, settled configs, the same for the same seed', () => {
    fc.assert(
      fc.property(randomSpace(), fc.integer(), (space, seed) => {
        const { axes, feasible } = space;
        fc.pre(allConfigs(axes).some(feasible));
        const drawn = fc.sample(configArbitrary(axes, feasible), { seed, numRuns: 10 });
        expect(drawn.filter((config) => !feasible(config) || !isSettled(axes, config))).toEqual([]);
        expect(fc.sample(configArbitrary(axes, feasible), { seed, numRuns: 10 })).toEqual(drawn);
      }),
      fixed,
    );
  });

  test('refuses a space without a feasible config, and only that', () => {
    fc.assert(
      fc.property(randomSpace(), ({ axes, feasible }) => {
        expect(generatesOne(configArbitrary(axes, feasible))).toBe(allConfigs(axes).some(feasible));
      }),
      fixed,
    );
  });

  test('shrinks any config, without context, to all that are simpler on one field', () => {
    fc.assert(
      fc.property(randomSpace(), (space) => {
        const { axes, feasible } = space;
        const arbitrary = configArbitrary(axes, feasible);
        for (const config of allConfigs(axes).filter(feasible)) {
          expect(arbitrary.canShrinkWithoutContext(config)).toBe(true);
          const shrunk = [...arbitrary.shrink(config, undefined)].map(({ value }) => value);
          expect(shrunk).toEqual(simplifications(axes, config).filter(feasible));
          expect(shrunk.every((simpler) => compareSimplicity(axes)(simpler, config) < 0)).toBe(true);
        }
      }),
      fixed,
    );
  });

  test('shrinks a generated value as it shrinks a stored one', () => {
    fc.assert(
      fc.property(randomSpace(), fc.integer(), (space, seed) => {
        fc.pre(allConfigs(space.axes).some(space.feasible));
        const arbitrary = configArbitrary(space.axes, space.feasible);
        const seen: unknown[] = [];
        const failed = fc.check(
          fc.property(arbitrary, (config) => {
            seen.push(config);
            return seen.length > 1;
          }),
          { seed, numRuns: 1, endOnFailure: true },
        );
        const [config] = failed.counterexample ?? [];
        expect(config).toEqual(seen[0]);
        expect(config !== undefined && arbitrary.canShrinkWithoutContext(structuredClone(config))).toBe(true);
      }),
      fixed,
    );
  });

  test('generates listed values only, but shrinks to simpler ones that are not listed', () => {
    const listed = matrixAxes(trainingAxes, { axes: { adapter: ['dora', 'vera'], rank: [8], sharding: ['fsdp1'] } });
    const arbitrary = configArbitrary(trainingAxes, () => true, listed);
    const drawn = fc.sample(arbitrary, { seed: 42, numRuns: 50 });
    expect(
      new Set(drawn.map(({ adapter, rank, sharding, model }) => [adapter, rank, sharding, model].join(' '))),
    ).toEqual(new Set(['dora 8 fsdp1 llama', 'vera 8 fsdp1 llama']));
    const simpler = [...arbitrary.shrink(normalise(trainingAxes, { adapter: 'dora', rank: 8 }), undefined)];
    expect(simpler.map(({ value }) => `${value['adapter']} ${value['rank']}`)).toEqual([
      'none undefined',
      'lora 8',
      'dora 4',
      'dora 1',
    ]);
  });

  describe('an axis with a range of numbers', () => {
    const axes = [
      { name: 'rank', description: 'whole numbers', values: [4, 1], numbers: { from: 1, to: 64, integer: true } },
      { name: 'rate', description: 'numbers', values: [0.1], numbers: { from: 0.01, to: 1, integer: false } },
    ];
    const arbitrary = configArbitrary(axes, () => true);

    test('gives listed values and any others of the range', () => {
      const drawn = fc.sample(arbitrary, { seed: 42, numRuns: 300 });
      expect(drawn.filter((config) => !isSettled(axes, config))).toEqual([]);
      expect(new Set(drawn.map(({ rank }) => rank)).size).toBeGreaterThan(30);
      expect(drawn.filter(({ rank }) => rank === 4).length).toBeGreaterThan(50);
      expect(Math.max(...drawn.map(({ rate }) => String(rate).length))).toBeLessThanOrEqual(6);
    });

    test('shrinks to the boundary, by steps that all are simpler', () => {
      const { counterexample } = fc.check(
        fc.property(arbitrary, ({ rank }) => Number(rank) <= 10),
        { seed: 1, numRuns: 200 },
      );
      expect(counterexample).toEqual([{ rank: 11, rate: 0.1 }]);
      const simpler = [...arbitrary.shrink({ rank: 40, rate: 0.73 }, undefined)].map(({ value }) => value);
      expect(simpler.every((config) => compareSimplicity(axes)(config, { rank: 40, rate: 0.73 }) < 0)).toBe(true);
    });
  });

  test('finds a config that one draw in 40,000 would', () => {
    expect(fc.sample(configArbitrary(trainingAxes, isRare), { seed: 3, numRuns: 1 }).map(isRare)).toEqual([true]);
  });

  test('says what is wrong when nothing is feasible', () => {
    const nothing = configArbitrary(matrixAxes(trainingAxes, { axes: {} }), () => false);
    expect(() => fc.sample(nothing, 1)).toThrow(
      /^No config is feasible among the values of the axes model \(llama\), /,
    );
  });

  test('ends at the known minimum under the runner of fast-check, too', () => {
    const run = fc.check(
      fc.property(
        configArbitrary(trainingAxes, () => true),
        ({ rank, use_orig_params }) => !((rank === 1 || rank === 3) && use_orig_params === false),
      ),
      { seed: 1, numRuns: 1000 },
    );
    expect(run.counterexample).toEqual([
      normalise(trainingAxes, { adapter: 'lora', rank: 1, sharding: 'fsdp1', use_orig_params: false }),
    ]);
  });

  test('gives the same values for seed 42 as ever, because plans refer to seeds', () => {
    const drawn = fc.sample(
      configArbitrary(trainingAxes, () => true),
      { seed: 42, numRuns: 6 },
    );
    expect(drawn.map(formatConfig)).toMatchInlineSnapshot(`
      [
        "model=llama adapter=boft targets=mlp precision=fp16 sharding=ddp gradient_checkpointing=true",
        "model=gpt2 adapter=adalora rank=4 targets=mlp precision=fp16 sharding=fsdp1 strategy=SHARD_GRAD_OP use_orig_params=false wrap=transformer gradient_checkpointing=true",
        "model=gpt2 adapter=dora use_rslora=true rank=1 targets=mlp precision=fp32 sharding=fsdp1 strategy=NO_SHARD use_orig_params=false wrap=none gradient_checkpointing=false",
        "model=llama adapter=ia3 targets=all-linear precision=bf16-autocast sharding=fsdp1 strategy=FULL_SHARD use_orig_params=false wrap=peft gradient_checkpointing=true",
        "model=llama adapter=dora use_rslora=true rank=1 targets=all-linear precision=bf16-autocast sharding=ddp gradient_checkpointing=false",
        "model=gpt2 adapter=lora use_rslora=true rank=1 targets=all-linear precision=fp16 sharding=none gradient_checkpointing=true",
      ]
    `);
  });
});

/** False when it is refused as bad input; any other error is passed on. */
const generatesOne = (arbitrary: fc.Arbitrary<Config>): boolean => {
  try {
    return fc.sample(arbitrary, { seed: 1, numRuns: 1 }).length === 1;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
};
