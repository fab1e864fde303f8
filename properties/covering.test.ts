import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Axis } from '../matrices/axis.ts';
import { canonicalConfig, type Config, formatConfig } from '../matrices/config.ts';
import { matrixAxes } from '../matrices/matrix.ts';
import { coverageOf, type Strength } from './combinations.ts';
import { isSettled } from './config-space.ts';
import { coveringArray } from './covering.ts';
import { allConfigs, randomSpace } from './fixtures/random-space.ts';
import { trainingAxes } from './fixtures/training-axes.ts';

/** Tests say the same on every day. */
const fixed = { seed: 42 };

const strengths = fc.constantFrom<Strength[]>(1, 2, 3);

describe('coveringArray on random models', () => {
  test('covers every combination that a feasible config has, and proves that no config has the others', () => {
    fc.assert(
      fc.property(randomSpace(), strengths, fc.integer(), ({ axes, feasible }, strength, seed) => {
        const array = coveringArray(axes, feasible, { strength, seed });
        const size = Math.min(strength, axes.length);
        const possible = shown(allConfigs(axes).filter(feasible), size);
        expect(shown(array.configs, size)).toEqual(possible);
        expect(array.covered).toBe(possible.size);
        expect(array.unknown).toEqual([]);
        expect(array.impossible.filter((part) => possible.has(canonicalConfig(part)))).toEqual([]);
        expect(array.covered + array.impossible.length).toBe(array.combinations);
      }),
      { ...fixed, numRuns: 300 },
    );
  });

  test('covers smaller combinations as well, gives nothing forbidden and nothing twice', () => {
    fc.assert(
      fc.property(randomSpace(), strengths, fc.integer(), ({ axes, feasible }, strength, seed) => {
        const { configs } = coveringArray(axes, feasible, { strength, seed });
        expect(shown(configs, 1)).toEqual(shown(allConfigs(axes).filter(feasible), 1));
        expect(configs.filter((config) => !feasible(config) || !isSettled(axes, config))).toEqual([]);
        expect(new Set(configs.map(canonicalConfig)).size).toBe(configs.length);
      }),
      fixed,
    );
  });

  test('is the same for the same seed', () => {
    fc.assert(
      fc.property(randomSpace(), strengths, fc.integer(), (space, strength, seed) => {
        const once = coveringArray(space.axes, space.feasible, { strength, seed });
        expect(coveringArray(space.axes, space.feasible, { strength, seed })).toEqual(once);
      }),
      fixed,
    );
  });

  test('leaves out what is covered already', () => {
    fc.assert(
      fc.property(randomSpace(), strengths, fc.nat(5), (space, strength, kept) => {
        const { axes, feasible } = space;
        const whole = coveringArray(axes, feasible, { strength, seed: 1 });
        const already = whole.configs.slice(0, kept);
        const rest = coveringArray(axes, feasible, { strength, seed: 1, already });
        expect(rest.covered).toBe(whole.covered);
        expect(coverageOf(axes, [...already, ...rest.configs], strength)).toEqual(
          coverageOf(axes, whole.configs, strength),
        );
        expect(coveringArray(axes, feasible, { strength, seed: 1, already: whole.configs }).configs).toEqual([]);
      }),
      fixed,
    );
  });

  test('never takes a lack of patience for a proof', () => {
    fc.assert(
      fc.property(randomSpace(), strengths, fc.integer(), (space, strength, seed) => {
        const { axes, feasible } = space;
        const array = coveringArray(axes, feasible, { strength, seed, patience: { perRow: 2, inVain: 5 } });
        const possible = shown(allConfigs(axes).filter(feasible), Math.min(strength, axes.length));
        expect(array.impossible.filter((part) => possible.has(canonicalConfig(part)))).toEqual([]);
        expect(array.configs.filter((config) => !feasible(config))).toEqual([]);
        expect(array.covered + array.impossible.length + array.unknown.length).toBe(array.combinations);
      }),
      fixed,
    );
  });
});

describe('coveringArray on the real axes', () => {
  const rules: readonly Readonly<Record<string, readonly unknown[]>>[] = [
    { precision: ['fp16'] },
    { model: ['gpt2'], adapter: ['vera', 'oft'] },
    { adapter: ['none'], wrap: ['peft'] },
    { sharding: ['fsdp2'], adapter: ['boft'] },
  ];
  const feasible = (config: Config): boolean =>
    !rules.some((rule) => Object.entries(rule).every(([name, values]) => values.includes(config[name])));

  test.each([
    [1, 10, 10],
    [2, 60, 76],
    [3, 250, 320],
  ] as const)('has a sane size at strength %i', (strength, least, most) => {
    const { configs, unknown } = coveringArray(trainingAxes, feasible, { strength, seed: 42 });
    expect(configs.length).toBeGreaterThanOrEqual(least);
    expect(configs.length).toBeLessThanOrEqual(most);
    expect(unknown).toEqual([]);
  });

  test('gives ten axes of four values in at most 40 configs', () => {
    const axes = Array.from({ length: 10 }, (_, index) => plainAxis(`a${index}`, 4));
    const { configs, covered } = coveringArray(axes, () => true, { strength: 2, seed: 42 });
    expect(covered).toBe(45 * 16);
    expect(configs.length).toBeLessThanOrEqual(40);
  });

  test('covers most first: no later config would show more new pairs', () => {
    const { configs } = coveringArray(trainingAxes, feasible, { strength: 2, seed: 42 });
    for (const index of [0, 1, 5, 20]) {
      const [best, ...later] = configs.slice(index).map((config) => newParts(config, configs.slice(0, index)));
      expect(best).toBeGreaterThanOrEqual(Math.max(...later));
    }
  });

  test('proves by reading few fields what a list of all configs could not', () => {
    const axes = Array.from({ length: 30 }, (_, index) => plainAxis(`a${index}`, 10));
    let calls = 0;
    const never3 = (config: Config): boolean => {
      calls++;
      return config['a3'] !== 3 && !(config['a7'] === 1 && config['a9'] === 2);
    };
    const { impossible, unknown } = coveringArray(axes, never3, { strength: 1, seed: 1 });
    expect(impossible).toEqual([{ a3: 3 }]);
    expect(unknown).toEqual([]);
    expect(calls).toBeLessThan(1000);
  });

  test('passes on the error of a broken predicate', () => {
    expect(() => coveringArray(trainingAxes, refuseFp16, { strength: 1, seed: 1 })).toThrow('no such dtype');
  });

  test('gives the same array for seed 42 as ever, because plans refer to seeds', () => {
    const axes = matrixAxes(trainingAxes, {
      axes: {
        adapter: ['lora', 'dora'],
        sharding: ['none', 'fsdp1'],
        use_orig_params: [true, false],
      },
    });
    const { configs } = coveringArray(axes, feasible, { strength: 2, seed: 42 });
    expect(configs.map(formatConfig)).toMatchInlineSnapshot(`
      [
        "model=llama adapter=lora use_rslora=false rank=4 targets=attention precision=fp32 sharding=fsdp1 strategy=FULL_SHARD use_orig_params=true wrap=peft gradient_checkpointing=false",
        "model=llama adapter=dora use_rslora=false rank=4 targets=attention precision=fp32 sharding=fsdp1 strategy=FULL_SHARD use_orig_params=false wrap=peft gradient_checkpointing=false",
        "model=llama adapter=dora use_rslora=false rank=4 targets=attention precision=fp32 sharding=none gradient_checkpointing=false",
        "model=llama adapter=lora use_rslora=false rank=4 targets=attention precision=fp32 sharding=fsdp1 strategy=FULL_SHARD use_orig_params=false wrap=peft gradient_checkpointing=false",
        "model=llama adapter=dora use_rslora=false rank=4 targets=attention precision=fp32 sharding=fsdp1 strategy=FULL_SHARD use_orig_params=true wrap=peft gradient_checkpointing=false",
        "model=llama adapter=lora use_rslora=false rank=4 targets=attention precision=fp32 sharding=none gradient_checkpointing=false",
      ]
    `);
  });
});

describe('coverageOf', () => {
  test('counts what a listing by hand counts', () => {
    fc.assert(
      fc.property(randomSpace(), strengths, ({ axes }, strength) => {
        const size = Math.min(strength, axes.length);
        const some = allConfigs(axes).filter((_, index) => index % 3 === 0);
        expect(coverageOf(axes, some, strength).covered).toBe(shown(some, size).size);
      }),
      fixed,
    );
  });
});

/** Every combination of `size` fields that one of the configs has, told apart by its text. */
const shown = (configs: readonly Config[], size: number): ReadonlySet<string> =>
  new Set(
    configs
      .flatMap((config) => parts(Object.entries(config), size))
      .map((part) => canonicalConfig(Object.fromEntries(part))),
  );

/** How many values and pairs of values the config shows that none of `before` does. */
const newParts = (config: Config, before: readonly Config[]): number =>
  [1, 2].reduce((sum, size) => sum + shown([...before, config], size).size - shown(before, size).size, 0);

const refuseFp16 = ({ precision }: Config): boolean => {
  if (precision === 'fp16') throw new Error('no such dtype');
  return true;
};

const parts = <T>(all: readonly T[], size: number): readonly (readonly T[])[] => {
  if (size === 0) return [[]];
  return all.flatMap((one, index) => parts(all.slice(index + 1), size - 1).map((rest) => [one].concat(rest)));
};

const plainAxis = (name: string, size: number): Axis => ({
  name,
  description: name,
  values: Array.from({ length: size }, (_, value) => value),
});
