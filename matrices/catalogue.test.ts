import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adapterNamed, loadCatalogue } from './catalogue.ts';
import { InputError } from './errors.ts';

const files = ['axes.yaml', 'adapters.yaml', 'models.yaml', 'rules.yaml', 'refusals.yaml', 'known-issues.yaml'];

/** A copy of the data files in which one has other text. */
const folderWith = async (file: string, change: (text: string) => string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'catalogue-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await Promise.all(files.map((name) => cp(join(import.meta.dirname, name), join(folder, name))));
  const path = join(folder, file);
  await writeFile(path, change(await readFile(path, 'utf8')));
  return folder;
};

/** What loading says, without the name of the temporary folder. */
const messageWith = async (file: string, change: (text: string) => string): Promise<string> => {
  const folder = await folderWith(file, change);
  try {
    await loadCatalogue(folder);
  } catch (error) {
    if (error instanceof InputError)
      return error.message.replaceAll(/catalogue-\w+\//g, '').replaceAll(/:\d+:/g, ':N:');
    throw error;
  }
  return 'accepted';
};

test('options of adapters are axes of the adapters that list them, after the arguments of adapters', async () => {
  const { axes } = await loadCatalogue();
  expect(axes.map(({ name }) => name)).toMatchInlineSnapshot(`
    [
      "model",
      "adapter",
      "rank",
      "targets",
      "lora_alpha",
      "use_rslora",
      "lora_dropout",
      "init_lora_weights",
      "bias",
      "lora_bias",
      "rank_pattern",
      "alpha_pattern",
      "layers_to_transform",
      "exclude_modules",
      "modules_to_save",
      "trainable_token_indices",
      "layer_replication",
      "target_parameters",
      "save_projection",
      "alpha",
      "decompose_both",
      "decompose_factor",
      "coft",
      "block_share",
      "oft_cayley_neumann",
      "boft_n_butterfly_factor",
      "apply_gs",
      "fourier_init",
      "fourier_scaling",
      "save_only_topk_weights",
      "c3a_init",
      "randlora_alpha",
      "randlora_sparse",
      "bone_init",
      "miss_init",
      "road_variant",
      "wave_scaling",
      "wavelet_family",
      "use_idwt",
      "hybrid_r",
      "lily_scaling",
      "lily_stride",
      "peanut_scaling",
      "peanut_depth",
      "peanut_act_fn",
      "psoft_orth",
      "psoft_cayley_neumann",
      "weight_tying",
      "deft_method",
      "para",
      "glora_a_b",
      "glora_c",
      "glora_d_e",
      "save_indices",
      "supertuning_rank",
      "select_top",
      "num_virtual_tokens",
      "prompt_tuning_init",
      "encoder_reparameterization_type",
      "prefix_projection",
      "num_frozen_tokens",
      "cpt_loss",
      "shadow_alpha",
      "precision",
      "autocast_adapter_dtype",
      "learning_rate",
      "sharding",
      "strategy",
      "use_orig_params",
      "wrap",
      "fully_shard",
      "reshard_after_forward",
      "mixed_precision",
      "checkpoint",
      "gradient_checkpointing",
      "inactive_adapter",
      "second_adapter",
      "loading",
    ]
  `);
  expect(axes.find(({ name }) => name === 'use_rslora')?.applies).toEqual({ adapter: ['lora', 'dora'] });
});

test('rank applies to the adapters that have one', async () => {
  const { axes } = await loadCatalogue();
  const applies = axes.find(({ name }) => name === 'rank')?.applies?.['adapter'];
  expect(applies).toEqual(expect.arrayContaining(['lora', 'dora', 'adalora', 'hira']));
  expect(applies).not.toContain('ia3');
  expect(applies).not.toContain('prompt_tuning');
});

test('$peft stands for every adapter but full fine-tuning', async () => {
  const { axes, adapters } = await loadCatalogue();
  const applies = axes.find(({ name }) => name === 'inactive_adapter')?.applies;
  expect(applies).toEqual({ adapter: adapters.map(({ name }) => name).filter((name) => name !== 'none') });
  expect(axes.find(({ name }) => name === 'checkpoint')?.applies).toEqual({ sharding: ['fsdp1'], ...applies });
});

test('adding an adapter is one entry: it joins the axes', async () => {
  const entry = `
- name: later
  configClass: LaterConfig
  description: A method that is not there yet
  since: 0.22.0
  arguments: { r: $rank, target_modules: $targets, apply_later: $apply_later }
  options:
    - { name: apply_later, description: An option of its own, values: [false, true] }
  trains: ['\\.later_u\\.default$']
`;
  const { axes } = await loadCatalogue(await folderWith('adapters.yaml', (text) => text + entry));
  expect(axes.find(({ name }) => name === 'adapter')?.values).toContain('later');
  expect(axes.find(({ name }) => name === 'rank')?.applies?.['adapter']).toContain('later');
  expect(axes.find(({ name }) => name === 'apply_later')?.applies).toEqual({ adapter: ['later'] });
});

test('an adapter that is not there is refused with the nearest spelling', async () => {
  const catalogue = await loadCatalogue();
  expect(() => adapterNamed(catalogue, 'dorra')).toThrowErrorMatchingInlineSnapshot(
    `[InputError: There is no adapter "dorra". Did you mean "dora"? Allowed: none, lora, dora, vera, ia3, loha, lokr, ln_tuning, trainable_tokens, adalora, oft, boft, hra, fourierft, vblora, c3a, randlora, bone, miss, shira, delora, osf, road, waveft, gralora, lily, peanut, psoft, pvera, tinylora, adamss, beft, deft, frod, glora, hira, unilora, supertuning, prompt_tuning, p_tuning, prefix_tuning, cartridge, cpt, multitask_prompt_tuning, adaption_prompt, poly, shadow, xlora]`,
  );
});

describe('what is wrong with a data file is said with its place', () => {
  test('a condition on an axis or value that is not there', async () => {
    expect(
      await messageWith('rules.yaml', (text) =>
        text.replace('when: { sharding: [fsdp2] }', 'when: { shardin: [fsdp2], adapter: [vra, lora] }'),
      ),
    ).toMatchInlineSnapshot(`
      "rules.yaml:N:11: "shardin" is not an axis. Did you mean "sharding"? Allowed: model, adapter, rank, targets, lora_alpha, use_rslora, lora_dropout, init_lora_weights, bias, lora_bias, rank_pattern, alpha_pattern, layers_to_transform, exclude_modules, modules_to_save, trainable_token_indices, layer_replication, target_parameters, save_projection, alpha, decompose_both, decompose_factor, coft, block_share, oft_cayley_neumann, boft_n_butterfly_factor, apply_gs, fourier_init, fourier_scaling, save_only_topk_weights, c3a_init, randlora_alpha, randlora_sparse, bone_init, miss_init, road_variant, wave_scaling, wavelet_family, use_idwt, hybrid_r, lily_scaling, lily_stride, peanut_scaling, peanut_depth, peanut_act_fn, psoft_orth, psoft_cayley_neumann, weight_tying, deft_method, para, glora_a_b, glora_c, glora_d_e, save_indices, supertuning_rank, select_top, num_virtual_tokens, prompt_tuning_init, encoder_reparameterization_type, prefix_projection, num_frozen_tokens, cpt_loss, shadow_alpha, precision, autocast_adapter_dtype, learning_rate, sharding, strategy, use_orig_params, wrap, fully_shard, reshard_after_forward, mixed_precision, checkpoint, gradient_checkpointing, inactive_adapter, second_adapter, loading
      rules.yaml:N:39: "vra" is not a value of adapter. Did you mean "vera"? Allowed: none, lora, dora, vera, ia3, loha, lokr, ln_tuning, trainable_tokens, adalora, oft, boft, hra, fourierft, vblora, c3a, randlora, bone, miss, shira, delora, osf, road, waveft, gralora, lily, peanut, psoft, pvera, tinylora, adamss, beft, deft, frod, glora, hira, unilora, supertuning, prompt_tuning, p_tuning, prefix_tuning, cartridge, cpt, multitask_prompt_tuning, adaption_prompt, poly, shadow, xlora"
    `);
  });

  test('an axis that depends on one below it', async () => {
    expect(
      await messageWith('axes.yaml', (text) => text.replace('{ sharding: [fsdp1] }', '{ wrap: [peft] }')),
    ).toMatchInlineSnapshot(
      `"axes.yaml:N:14: "wrap" is not an axis above this one. Allowed: model, adapter, rank, targets, lora_alpha, use_rslora, lora_dropout, init_lora_weights, bias, lora_bias, rank_pattern, alpha_pattern, layers_to_transform, exclude_modules, modules_to_save, trainable_token_indices, layer_replication, target_parameters, save_projection, alpha, decompose_both, decompose_factor, coft, block_share, oft_cayley_neumann, boft_n_butterfly_factor, apply_gs, fourier_init, fourier_scaling, save_only_topk_weights, c3a_init, randlora_alpha, randlora_sparse, bone_init, miss_init, road_variant, wave_scaling, wavelet_family, use_idwt, hybrid_r, lily_scaling, lily_stride, peanut_scaling, peanut_depth, peanut_act_fn, psoft_orth, psoft_cayley_neumann, weight_tying, deft_method, para, glora_a_b, glora_c, glora_d_e, save_indices, supertuning_rank, select_top, num_virtual_tokens, prompt_tuning_init, encoder_reparameterization_type, prefix_projection, num_frozen_tokens, cpt_loss, shadow_alpha, precision, autocast_adapter_dtype, learning_rate, sharding"`,
    );
  });

  test('$peft for something else than adapters', async () => {
    expect(
      await messageWith('axes.yaml', (text) => text.replace('{ sharding: [fsdp1] }', '{ sharding: $peft }')),
    ).toMatchInlineSnapshot(`"axes.yaml:N:12: [8].applies: $peft stands for adapters, and only for them"`);
  });

  test('a placeholder without an axis, a bad pattern, a version that is a number', async () => {
    expect(await messageWith('adapters.yaml', (text) => text.replace('r: $rank', 'r: $rnak'))).toMatchInlineSnapshot(
      `"adapters.yaml:N:8: "$rnak" stands for no axis. Did you mean "rank"? Allowed: model, adapter, rank, targets, lora_alpha, use_rslora, lora_dropout, init_lora_weights, bias, lora_bias, rank_pattern, alpha_pattern, layers_to_transform, exclude_modules, modules_to_save, trainable_token_indices, layer_replication, target_parameters, save_projection, alpha, decompose_both, decompose_factor, coft, block_share, oft_cayley_neumann, boft_n_butterfly_factor, apply_gs, fourier_init, fourier_scaling, save_only_topk_weights, c3a_init, randlora_alpha, randlora_sparse, bone_init, miss_init, road_variant, wave_scaling, wavelet_family, use_idwt, hybrid_r, lily_scaling, lily_stride, peanut_scaling, peanut_depth, peanut_act_fn, psoft_orth, psoft_cayley_neumann, weight_tying, deft_method, para, glora_a_b, glora_c, glora_d_e, save_indices, supertuning_rank, select_top, num_virtual_tokens, prompt_tuning_init, encoder_reparameterization_type, prefix_projection, num_frozen_tokens, cpt_loss, shadow_alpha, precision, autocast_adapter_dtype, learning_rate, sharding, strategy, use_orig_params, wrap, fully_shard, reshard_after_forward, mixed_precision, checkpoint, gradient_checkpointing, inactive_adapter, second_adapter, loading"`,
    );
    expect(
      await messageWith('adapters.yaml', (text) =>
        text.replace("trains: ['.']", "trains: ['(']").replace('since: 0.9.0', 'since: 0.9'),
      ),
    ).toMatchInlineSnapshot(`
      "adapters.yaml:N:12: [0].trains[0]: "(": not a regular expression
      adapters.yaml:N:10: [2].since: expected text, found 0.9; put it in quotes: "0.9""
    `);
  });

  test('a range of a package whose version no cell tells', async () => {
    expect(
      await messageWith('adapters.yaml', (text) =>
        text.replace("versions: { peft: '<0.14' }", "versions: { pefft: '<0.14' }"),
      ),
    ).toMatchInlineSnapshot(
      `"adapters.yaml:N:26: [1].variants[0].versions.pefft: "<0.14": no cell tells the version of pefft. Did you mean "peft"? Allowed: python, torch, peft, transformers, accelerate, numpy, safetensors, bitsandbytes, deepspeed, triton, torchao"`,
    );
  });

  test('a variant on an axis that is not there, and an option without effect that never has one', async () => {
    expect(
      await messageWith('adapters.yaml', (text) =>
        text
          .replace('when: { lora_dropout: [0.1] }', 'when: { lora_dropuot: [0.1] }')
          .replace('withoutEffect: [lora_alpha]', 'withoutEffect: [bias]'),
      ),
    ).toMatchInlineSnapshot(`
      "adapters.yaml:N:15: "lora_dropuot" is not an axis. Did you mean "lora_dropout"? Allowed: model, adapter, rank, targets, lora_alpha, use_rslora, lora_dropout, init_lora_weights, bias, lora_bias, rank_pattern, alpha_pattern, layers_to_transform, exclude_modules, modules_to_save, trainable_token_indices, layer_replication, target_parameters, save_projection, alpha, decompose_both, decompose_factor, coft, block_share, oft_cayley_neumann, boft_n_butterfly_factor, apply_gs, fourier_init, fourier_scaling, save_only_topk_weights, c3a_init, randlora_alpha, randlora_sparse, bone_init, miss_init, road_variant, wave_scaling, wavelet_family, use_idwt, hybrid_r, lily_scaling, lily_stride, peanut_scaling, peanut_depth, peanut_act_fn, psoft_orth, psoft_cayley_neumann, weight_tying, deft_method, para, glora_a_b, glora_c, glora_d_e, save_indices, supertuning_rank, select_top, num_virtual_tokens, prompt_tuning_init, encoder_reparameterization_type, prefix_projection, num_frozen_tokens, cpt_loss, shadow_alpha, precision, autocast_adapter_dtype, learning_rate, sharding, strategy, use_orig_params, wrap, fully_shard, reshard_after_forward, mixed_precision, checkpoint, gradient_checkpointing, inactive_adapter, second_adapter, loading
      adapters.yaml:N:23: "bias" is no option with changesOutputs"
    `);
  });

  test('an option with other values elsewhere, and a name that is there twice', async () => {
    expect(
      await messageWith('adapters.yaml', (text) => {
        const place = text.lastIndexOf('values: [false, true]');
        return `${text.slice(0, place)}values: [true, false]${text.slice(place + 21)}`.replace(
          'name: boft',
          'name: oft',
        );
      }),
    ).toMatchInlineSnapshot(`"adapters.yaml:N:9: "oft" is there twice"`);
  });

  test('a model that explains a value that is not there', async () => {
    expect(
      await messageWith('models.yaml', (text) => text.replace('mlp: [c_fc]', 'mpl: [c_fc]')),
    ).toMatchInlineSnapshot(
      `"models.yaml:N:7: "mpl" is not a value of targets. Did you mean "mlp"? Allowed: attention, mlp, all-linear, regex, names, embedding, convolution"`,
    );
  });

  test('a known issue without a link', async () => {
    expect(await messageWith('known-issues.yaml', (text) => text.replace(/ {2}link: .*\n/, ''))).toMatchInlineSnapshot(
      `"known-issues.yaml:N:3: [0] lacks "link" (text)"`,
    );
  });

  test('a file that is not there', async () => {
    const folder = await folderWith('axes.yaml', (text) => text);
    await rm(join(folder, 'models.yaml'));
    await expect(loadCatalogue(folder)).rejects.toThrow(/models\.yaml: there is no such file/);
    expect(await readdir(folder)).not.toContain('models.yaml');
  });
});
