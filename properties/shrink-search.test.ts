import * as fc from 'fast-check';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';

import { type AxisValue, canonicalConfig, type Config, containsConfig } from '../matrices/config.ts';
import { normalise } from '../matrices/normalise.ts';
import type { IsInteresting } from './ask-once.ts';
import { configArbitrary } from './config-arbitrary.ts';
import { simplifications } from './config-space.ts';
import { allConfigs, randomSpace } from './fixtures/random-space.ts';
import { trainingAxes } from './fixtures/training-axes.ts';
import { leaps } from './leaps.ts';
import { compareSimplicity } from './order.ts';
import { type ShrinkOptions, type Shrunk, shrinkSearch } from './shrink-search.ts';

/** Tests say the same on every day. */
const fixed = { seed: 42 };

const axisNames = trainingAxes.map(({ name }) => name);

describe('shrinkSearch', () => {
  test('ends at the known minimum when some fields matter', async () => {
    await fc.assert(
      fc.asyncProperty(
        configArbitrary(trainingAxes, () => true),
        fc.subarray(axisNames, { maxLength: 4 }),
        fc.boolean(),
        async (start, names, isBold) => {
          const cause = Object.fromEntries(Object.entries(start).filter(([name]) => names.includes(name)));
          const options = isBold ? { leaps: (config: Config): readonly Config[] => leaps(trainingAxes, config) } : {};
          const { minimal, isProven } = await shrinkTraining(start, (config) => containsConfig(config, cause), options);
          expect(minimal).toEqual(simplestWith(cause));
          expect(isProven).toBe(true);
        },
      ),
      fixed,
    );
  });

  test('proves the minimum for any predicate, the same for any width and any order of arrival', async () => {
    await fc.assert(
      fc.asyncProperty(
        randomSpace(),
        fc.func(fc.boolean()),
        fc.nat(),
        fc.array(fc.nat(3), { minLength: 1 }),
        async ({ axes }, isRed, pick, delays) => {
          const all = allConfigs(axes);
          const start = all[pick % all.length] ?? {};
          const judge = (config: Config): boolean => isRed(canonicalConfig(config));
          const common = {
            candidates: (config: Config) => simplifications(axes, config),
            compare: compareSimplicity(axes),
          };
          const alone = await shrink(start, {
            ...common,
            width: 1,
            isInteresting: (config) => Promise.resolve(judge(config)),
          });
          let asked = 0;
          const late = async (config: Config): Promise<boolean> => {
            for (let turn = delays[asked++ % delays.length] ?? 0; turn > 0; turn--) await setImmediate();
            return judge(config);
          };
          const wide = await shrink(start, { ...common, width: 4, isInteresting: late });
          expect({ minimal: wide.minimal, steps: wide.steps }).toEqual({ minimal: alone.minimal, steps: alone.steps });
          const refused = new Set(
            alone.tried.filter(({ interesting }) => interesting === false).map(({ config }) => canonicalConfig(config)),
          );
          expect(
            simplifications(axes, alone.minimal).filter((simpler) => !refused.has(canonicalConfig(simpler))),
          ).toEqual([]);
          expect(alone.isProven && wide.isProven).toBe(true);
        },
      ),
      fixed,
    );
  });

  test('takes leaps first, and still ends at a minimum that no single field can make simpler', async () => {
    const start = normalise(trainingAxes, {
      model: 'gpt2',
      adapter: 'dora',
      rank: 3,
      targets: 'mlp',
      precision: 'bf16',
      sharding: 'fsdp1',
      wrap: 'none',
      gradient_checkpointing: true,
    });
    const bold = await shrinkTraining(start, isShardedDora, { leaps: (config) => leaps(trainingAxes, config) });
    const plain = await shrinkTraining(start, isShardedDora);
    expect(bold.minimal).toEqual(normalise(trainingAxes, { adapter: 'dora', sharding: 'fsdp1' }));
    expect(plain.minimal).toEqual(bold.minimal);
    expect(bold.isProven).toBe(true);
    expect(bold.steps.length).toBeLessThan(plain.steps.length);
  });

  test('asks about each config once, and never about the start', async () => {
    const start = normalise(trainingAxes, { adapter: 'vera', sharding: 'fsdp2', rank: 8, precision: 'bf16' });
    const isInteresting = vi.fn<IsInteresting>((config) => Promise.resolve(config['sharding'] === 'fsdp2'));
    const { tried } = await shrinkTraining(start, undefined, { isInteresting });
    const texts = isInteresting.mock.calls.map(([config]) => canonicalConfig(config));
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).not.toContain(canonicalConfig(start));
    expect(tried.map(({ config }) => canonicalConfig(config))).toEqual(texts);
  });

  test('runs no more than width at a time', async () => {
    let running = 0;
    let most = 0;
    const isInteresting = async (): Promise<boolean> => {
      most = Math.max(most, ++running);
      await setImmediate();
      running--;
      return false;
    };
    await shrinkTraining(normalise(trainingAxes, { adapter: 'boft', sharding: 'fsdp2' }), undefined, {
      isInteresting,
      width: 3,
    });
    expect(most).toBe(3);
  });

  test('does not take what could not be asked for a no', async () => {
    const start = normalise(trainingAxes, { adapter: 'dora' });
    const { minimal, isProven } = await shrinkTraining(start, undefined, {
      isInteresting: ({ adapter }) => Promise.resolve(adapter === 'lora' ? 'unknown' : false),
    });
    expect(minimal).toEqual(start);
    expect(isProven).toBe(false);
  });

  test('gives back the best so far when it is aborted', async () => {
    const abort = new AbortController();
    const start = normalise(trainingAxes, { adapter: 'dora', sharding: 'fsdp1', wrap: 'none' });
    const isInteresting = (config: Config): Promise<boolean> => {
      if (config['wrap'] !== 'peft') return Promise.resolve(false);
      abort.abort();
      return Promise.resolve(true);
    };
    const { minimal, isProven } = await shrinkTraining(start, undefined, { isInteresting, signal: abort.signal });
    expect(minimal).toEqual(normalise(trainingAxes, { adapter: 'dora', sharding: 'fsdp1' }));
    expect(isProven).toBe(false);
  });

  test('passes on an error only after the rest of the batch has ended', async () => {
    let ended = 0;
    const isInteresting = async ({ adapter }: Config): Promise<boolean> => {
      if (adapter === 'none') throw new Error('the disk is full');
      await setImmediate();
      ended++;
      return false;
    };
    const start = normalise(trainingAxes, { adapter: 'dora' });
    await expect(shrinkTraining(start, undefined, { isInteresting, width: 2 })).rejects.toThrow('the disk is full');
    expect(ended).toBe(1);
  });
});

const isShardedDora = ({ adapter, sharding }: Config): boolean => adapter === 'dora' && sharding === 'fsdp1';

/** Found without shrinking: only the values of adapter and sharding decide which other axes there are. */
const simplestWith = (cause: Config): Config | undefined =>
  valuesOf('adapter')
    .flatMap((adapter) => valuesOf('sharding').map((sharding) => ({ adapter, sharding })))
    .map((hosts) => normalise(trainingAxes, { ...hosts, ...cause }))
    .filter((config) => containsConfig(config, cause))
    .toSorted(compareSimplicity(trainingAxes))[0];

const valuesOf = (name: string): readonly AxisValue[] => trainingAxes.find((axis) => axis.name === name)?.values ?? [];

const shrink = (start: Config, options: Omit<ShrinkOptions, 'signal'>): Promise<Shrunk> =>
  shrinkSearch(start, { signal: new AbortController().signal, ...options });

const shrinkTraining = (
  start: Config,
  isRed: ((config: Config) => boolean) | undefined,
  options: Partial<ShrinkOptions> = {},
): Promise<Shrunk> =>
  shrink(start, {
    candidates: (config) => simplifications(trainingAxes, config),
    compare: compareSimplicity(trainingAxes),
    isInteresting: (config) => Promise.resolve(isRed?.(config) === true),
    width: 2,
    ...options,
  });
