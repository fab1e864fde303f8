import { describe, expect, test } from 'vitest';

import { normalise } from '../matrices/normalise.ts';
import { isSettled, simplifications } from './config-space.ts';
import { trainingAxes } from './fixtures/training-axes.ts';
import { leaps } from './leaps.ts';

describe('isSettled', () => {
  const config = normalise(trainingAxes, { adapter: 'lora' });
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
    const start = normalise(trainingAxes, { adapter: 'lora', rank: 8, sharding: 'fsdp2', fully_shard: 'root' });
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
    const ranks = simplifications(trainingAxes, { ...normalise(trainingAxes, { adapter: 'lora' }), rank: 64 });
    expect(ranks.map(({ rank }) => rank)).toEqual([undefined, 4, 1, 8, 3]);
  });
});

describe('leaps', () => {
  test('take halves and quarters of the fields back to their defaults', () => {
    const start = normalise(trainingAxes, {
      model: 'gpt2',
      adapter: 'dora',
      rank: 8,
      precision: 'bf16',
      sharding: 'ddp',
    });
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
    expect(leaps(trainingAxes, normalise(trainingAxes, { adapter: 'dora', sharding: 'ddp' }))).toEqual([]);
  });
});
