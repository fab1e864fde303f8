import { describe, expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import { formatConfig } from './config.ts';
import { InputError } from './errors.ts';
import { normalise } from './normalise.ts';
import { parseConfig } from './parse-config.ts';

const { axes } = await loadCatalogue();
const messageOf = (...pairs: readonly string[]): string => {
  try {
    parseConfig(axes, pairs);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'accepted';
};

test('pairs of the command line give the whole config', () => {
  const config = parseConfig(axes, ['sharding=fsdp1', 'adapter=dora', 'use_orig_params=false', 'rank=8']);
  expect(formatConfig(config)).toMatchInlineSnapshot(
    `"model=llama adapter=dora rank=8 targets=attention use_rslora=false precision=fp32 learning_rate=0.1 sharding=fsdp1 strategy=FULL_SHARD use_orig_params=false wrap=peft gradient_checkpointing=false"`,
  );
});

test('a number of the range that the axis does not list', () => {
  expect(parseConfig(axes, ['adapter=lora', 'rank=11'])['rank']).toBe(11);
  expect(messageOf('adapter=lora', 'rank=17')).toMatch(/Allowed: 4, 1, 8, 3, or any whole number from 1 to 16$/);
  expect(messageOf('adapter=lora', 'rank=2.5')).toMatch(/^rank=2\.5: not allowed/);
});

test('what a config is printed as reads back as the same config', () => {
  const config = normalise(axes, {
    adapter: 'vera',
    sharding: 'fsdp2',
    precision: 'bf16',
    reshard_after_forward: false,
  });
  expect(parseConfig(axes, formatConfig(config).split(' '))).toEqual(config);
});

describe('what is refused', () => {
  test('everything wrong is said at once', () => {
    expect(messageOf('adaptor=lora', 'sharding=fdsp1', 'rank=50', 'dora', 'model=gpt2', 'model=llama'))
      .toMatchInlineSnapshot(`
        "unknown axis "adaptor". Did you mean "adapter"? Allowed: model, adapter, rank, targets, use_rslora, precision, learning_rate, sharding, strategy, use_orig_params, wrap, fully_shard, reshard_after_forward, gradient_checkpointing
        sharding=fdsp1: not allowed. Did you mean "fsdp1"? Allowed: none, ddp, fsdp1, fsdp2
        rank=50: not allowed. Allowed: 4, 1, 8, 3, or any whole number from 1 to 16
        "dora" is not a pair; write axis=value, such as adapter=lora
        model is given twice"
      `);
  });

  test('an axis that does not apply', () => {
    expect(messageOf('adapter=none', 'rank=8', 'use_orig_params=true')).toMatchInlineSnapshot(`
      "rank applies only with adapter=lora or dora or vera or loha or lokr or adalora, and this config has adapter=none; leave it out
      use_orig_params applies only with sharding=fsdp1, and this config has sharding=none; leave it out"
    `);
  });
});
