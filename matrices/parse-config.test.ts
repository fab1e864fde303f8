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
    `"model=llama adapter=dora rank=8 targets=attention lora_alpha=16 use_rslora=false lora_dropout=0 init_lora_weights=true bias=none rank_pattern=none alpha_pattern=none layers_to_transform=all exclude_modules=none modules_to_save=none trainable_token_indices=none layer_replication=none precision=fp32 autocast_adapter_dtype=true learning_rate=0.1 sharding=fsdp1 strategy=FULL_SHARD use_orig_params=false wrap=peft mixed_precision=none checkpoint=gathered gradient_checkpointing=false inactive_adapter=false second_adapter=other loading=plain"`,
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
        "unknown axis "adaptor". Did you mean "adapter"? Allowed: model, adapter, rank, targets, lora_alpha, use_rslora, lora_dropout, init_lora_weights, bias, lora_bias, rank_pattern, alpha_pattern, layers_to_transform, exclude_modules, modules_to_save, trainable_token_indices, layer_replication, target_parameters, save_projection, alpha, decompose_both, decompose_factor, coft, block_share, oft_cayley_neumann, boft_n_butterfly_factor, apply_gs, fourier_init, fourier_scaling, save_only_topk_weights, c3a_init, randlora_alpha, randlora_sparse, bone_init, miss_init, road_variant, wave_scaling, wavelet_family, use_idwt, hybrid_r, lily_scaling, lily_stride, peanut_scaling, peanut_depth, peanut_act_fn, psoft_orth, psoft_cayley_neumann, weight_tying, deft_method, para, glora_a_b, glora_c, glora_d_e, save_indices, supertuning_rank, select_top, num_virtual_tokens, prompt_tuning_init, encoder_reparameterization_type, prefix_projection, num_frozen_tokens, cpt_loss, shadow_alpha, precision, autocast_adapter_dtype, learning_rate, sharding, strategy, use_orig_params, wrap, fully_shard, reshard_after_forward, mixed_precision, checkpoint, gradient_checkpointing, inactive_adapter, second_adapter, loading
        sharding=fdsp1: not allowed. Did you mean "fsdp1"? Allowed: none, ddp, fsdp1, fsdp2
        rank=50: not allowed. Allowed: 4, 1, 8, 3, or any whole number from 1 to 16
        "dora" is not a pair; write axis=value, such as adapter=lora
        model is given twice"
      `);
  });

  test('an axis that does not apply', () => {
    expect(messageOf('adapter=none', 'rank=8', 'use_orig_params=true')).toMatchInlineSnapshot(`
      "rank applies only with adapter=lora or dora or vera or loha or lokr or adalora or hra or vblora or randlora or bone or miss or shira or delora or gralora or lily or peanut or psoft or pvera or deft or glora or hira or unilora or poly or shadow, and this config has adapter=none; leave it out
      use_orig_params applies only with sharding=fsdp1, and this config has sharding=none; leave it out"
    `);
  });
});
