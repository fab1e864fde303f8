import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { isSettled, restrictAxes, settle, simplifications } from './config-space.ts';
import { allConfigs, randomSpace } from './fixtures/random-space.ts';
import { trainingAxes } from './fixtures/training-axes.ts';
import { leaps } from './leaps.ts';

/** Tests say the same on every day. */
const fixed = { seed: 42 };

describe('settle', () => {
  test('leaves exactly the settled configs as they are', () => {
    fc.assert(
      fc.property(randomSpace(), ({ axes }) => {
        for (const config of allConfigs(axes)) {
          expect(settle(axes, config)).toEqual(config);
          expect(isSettled(axes, config)).toBe(true);
        }
      }),
      fixed,
    );
  });

  test('makes a config of any choices, in the order of the axes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('adapter', 'sharding', 'wrap', 'rank'), fc.constantFrom('lora', 'fsdp1', 4)),
        (choices) => {
          const config = settle(trainingAxes, choices);
          expect(settle(trainingAxes, config)).toEqual(config);
          expect(Object.keys(config)).toEqual(trainingAxes.map(({ name }) => name).filter((name) => name in config));
        },
      ),
      fixed,
    );
  });

  test('drops what does not apply and fills in defaults', () => {
    expect(settle(trainingAxes, { sharding: 'fsdp2', wrap: 'none', adapter: 'boft' })).toEqual({
      model: 'llama',
      adapter: 'boft',
      targets: 'attention',
      precision: 'fp32',
      sharding: 'fsdp2',
      fully_shard: 'layers',
      reshard_after_forward: true,
      gradient_checkpointing: false,
    });
  });
});

describe('isSettled', () => {
  const config = settle(trainingAxes, { adapter: 'lora' });
  test.each([
    ['an unknown value', { ...config, adapter: 'qlora' }],
    ['a missing field', Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'rank'))],
    ['an axis that does not apply', { ...config, wrap: 'peft' }],
    ['an unknown key', { ...config, colour: 'red' }],
    ['no object', 'lora'],
    ['null', null],
  ])('refuses %s', (_, value) => {
    expect(isSettled(trainingAxes, value)).toBe(false);
  });
});

describe('simplifications', () => {
  test('take one field at a time, axis by axis; what newly applies gets its default', () => {
    const start = settle(trainingAxes, { adapter: 'lora', rank: 8, sharding: 'fsdp2', fully_shard: 'root' });
    const named = simplifications(trainingAxes, start).map(
      ({ adapter, rank, sharding, fully_shard, strategy }) =>
        `${adapter} ${rank} ${sharding} ${fully_shard} ${strategy}`,
    );
    expect(named).toEqual([
      'none undefined fsdp2 root undefined',
      'lora 4 fsdp2 root undefined',
      'lora 1 fsdp2 root undefined',
      'lora 8 none undefined undefined',
      'lora 8 ddp undefined undefined',
      'lora 8 fsdp1 undefined FULL_SHARD',
      'lora 8 fsdp2 layers undefined',
    ]);
  });

  test('walk from a value of the user to all values of the axis', () => {
    const ranks = simplifications(trainingAxes, { ...settle(trainingAxes, { adapter: 'lora' }), rank: 64 });
    expect(ranks.map(({ rank }) => rank)).toEqual([undefined, 4, 1, 8, 3]);
  });
});

describe('leaps', () => {
  test('take halves and quarters of the fields back to their defaults', () => {
    const start = settle(trainingAxes, { model: 'gpt2', adapter: 'dora', rank: 8, precision: 'bf16', sharding: 'ddp' });
    expect(
      leaps(trainingAxes, start).map(({ model, adapter, rank, precision, sharding }) =>
        [model, adapter, rank, precision, sharding].join(' '),
      ),
    ).toEqual([
      'llama none  bf16 ddp',
      'gpt2 dora 8 fp32 none',
      'llama none  bf16 ddp',
      'gpt2 dora 4 fp32 ddp',
      'gpt2 dora 8 bf16 none',
    ]);
  });

  test('leave single fields to the simplifications', () => {
    expect(leaps(trainingAxes, settle(trainingAxes, { adapter: 'dora', sharding: 'ddp' }))).toEqual([]);
  });
});

describe('restrictAxes', () => {
  test('keeps the listed values in the order of the axis and only the default of the others', () => {
    const [model, adapter] = restrictAxes(trainingAxes, { adapter: ['dora', 'none'] });
    expect(model?.values).toEqual(['llama']);
    expect(adapter?.values).toEqual(['none', 'dora']);
  });

  test('refuses what no axis has, and says what is allowed', () => {
    expect(() => restrictAxes(trainingAxes, { colour: ['red'] })).toThrow(
      /Unknown axis colour; known axes: model, adapter/,
    );
    expect(() => restrictAxes(trainingAxes, { model: ['llama', 'bert'] })).toThrow(
      'Axis model cannot take bert; allowed: llama, gpt2',
    );
    expect(() => restrictAxes(trainingAxes, { model: [] })).toThrow('Axis model cannot take an empty list');
  });
});
