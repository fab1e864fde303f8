import { join } from 'node:path';
import * as fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import { InputError } from './errors.ts';
import { loadMatrix, matrixAxes, parseMatrix, type Matrix } from './matrix.ts';
import { readYaml } from './read-yaml.ts';

const catalogue = await loadCatalogue();
const parse = (text: string): Matrix =>
  parseMatrix(readYaml(new TextEncoder().encode(text), 'm.yaml'), catalogue, '/matrices');
const messageOf = (text: string): string => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'accepted';
};

test.each(['quick', 'history'])('%s.yaml is valid and named after its file', async (name) => {
  const matrix = await loadMatrix(join(import.meta.dirname, `${name}.yaml`), catalogue);
  expect(matrix.name).toBe(name);
});

test('`all` is all that an axis lists, and with it all options of the adapters that are listed', () => {
  const { axes } = parse(
    'version: 1\nname: x\npins: [{ peft: "0.21.2" }]\naxes: { adapter: [vera], rank: all }\noptions: all\n',
  );
  const valuesOf = (name: string): unknown => catalogue.axes.find((axis) => axis.name === name)?.values;
  const vera = catalogue.adapters.find(({ name }) => name === 'vera')?.options.map(({ name }) => name) ?? [];
  expect(vera).not.toEqual([]);
  expect(axes).toEqual({
    adapter: ['vera'],
    rank: valuesOf('rank'),
    ...Object.fromEntries(vera.map((name) => [name, valuesOf(name)])),
  });
});

test('the least that a matrix says, and what it then means', () => {
  expect(parse('version: 1\nname: x\npins: [{ peft: "0.21.2" }]\naxes: {}\n')).toMatchInlineSnapshot(`
    {
      "axes": {},
      "budget": {
        "cells": 300,
        "minutes": 10,
      },
      "name": "x",
      "pins": [
        {
          "device": "cpu",
          "peft": "0.21.2",
          "place": "m.yaml:3:8",
        },
      ],
      "seed": 42,
      "strength": 2,
    }
  `);
});

test('an axis that is not listed has its default alone; listed values come simplest first', () => {
  const matrix = parse(
    'version: 1\nname: x\npins: [{ peft: "0.21.2" }]\naxes: { adapter: [vera, lora], rank: [8, 1] }\n',
  );
  const axes = matrixAxes(catalogue.axes, matrix);
  const values = Object.fromEntries(axes.map((axis) => [axis.name, axis.values]));
  expect(values).toMatchObject({ adapter: ['lora', 'vera'], rank: [1, 8], precision: ['fp32'], model: ['llama'] });
});

test('the path of an interpreter begins at the folder of the matrix', () => {
  const { pins } = parse('version: 1\nname: x\npins:\n  - { interpreter: .venv/bin/python }\naxes: {}\n');
  expect(pins).toEqual([{ device: 'cpu', interpreter: '/matrices/.venv/bin/python', place: 'm.yaml:4:5' }]);
});

describe('what is refused', () => {
  test('every problem is listed, with line and column, what is allowed and the nearest spelling', () => {
    expect(
      messageOf(`version: 1
name: x
asof: 2026-11-20
pins:
  - { peft: 0.20, python: 3.11 }
  - { peft: ">=0.21,<0.18" }
  - { interpreter: .venv/bin/python, torch: "2.13.0" }
  - { torch: "2.13.0" }
  - { peft: "0.21.x", asOf: yesterday }
  - { peft: "0.21.2", packages: { torch: "2.1" } }
  - { peft: "0.21.2", device: gpu }
axes:
  adaptor: [lora]
  adapter: [lora, dorra]
  rank: ["4", 5]
  use_orig_params: true
strength: 4
seed: -1
budget: { cells: 0, minutes: none }
`),
    ).toMatchInlineSnapshot(`
      "m.yaml:3:1: unknown key "asof" in the file. Did you mean "asOf"? Allowed: version, name, asOf, pins, axes, options, stages, strength, seed, budget
      m.yaml:5:13: pins[0].peft: expected text, found 0.2; put it in quotes: "0.20"
      m.yaml:5:27: pins[0].python: expected text, found 3.11; put it in quotes: "3.11"
      m.yaml:6:13: pins[1].peft: ">=0.21,<0.18": no version can be in this range
      m.yaml:7:45: pins[2].torch: "2.13.0": an interpreter is taken as it is; leave "torch" out
      m.yaml:8:5: pins[3]: expected "peft" (a version or a range) or "interpreter"
      m.yaml:9:13: pins[4].peft: "0.21.x": not a version and not a PEP 440 range; write one such as "0.21.2" or ">=0.18,<0.21"
      m.yaml:9:29: pins[4].asOf: "yesterday": expected a day such as 2026-11-20, or release
      m.yaml:10:42: pins[5].packages.torch: "2.1": write torch as a key of the pin
      m.yaml:11:31: pins[6].device: "gpu" is not allowed. Did you mean "cpu"? Allowed: one of cpu, cuda
      m.yaml:13:3: unknown key "adaptor" in axes. Did you mean "adapter"? Allowed: model, adapter, rank, targets, lora_alpha, use_rslora, lora_dropout, init_lora_weights, bias, lora_bias, rank_pattern, alpha_pattern, layers_to_transform, exclude_modules, modules_to_save, trainable_token_indices, layer_replication, target_parameters, save_projection, alpha, decompose_both, decompose_factor, coft, block_share, oft_cayley_neumann, boft_n_butterfly_factor, apply_gs, fourier_init, fourier_scaling, save_only_topk_weights, c3a_init, randlora_alpha, randlora_sparse, bone_init, miss_init, road_variant, wave_scaling, wavelet_family, use_idwt, hybrid_r, lily_scaling, lily_stride, peanut_scaling, peanut_depth, peanut_act_fn, psoft_orth, psoft_cayley_neumann, weight_tying, deft_method, para, glora_a_b, glora_c, glora_d_e, save_indices, supertuning_rank, select_top, num_virtual_tokens, prompt_tuning_init, encoder_reparameterization_type, prefix_projection, num_frozen_tokens, cpt_loss, shadow_alpha, precision, autocast_adapter_dtype, learning_rate, sharding, strategy, use_orig_params, wrap, fully_shard, reshard_after_forward, mixed_precision, checkpoint, gradient_checkpointing, inactive_adapter, second_adapter, loading
      m.yaml:14:19: axes.adapter[1]: "dorra" is not allowed. Did you mean "dora"? Allowed: one of none, lora, dora, vera, ia3, loha, lokr, ln_tuning, trainable_tokens, adalora, oft, boft, hra, fourierft, vblora, c3a, randlora, bone, miss, shira, delora, osf, road, waveft, gralora, lily, peanut, psoft, pvera, tinylora, adamss, beft, deft, frod, glora, hira, unilora, supertuning, prompt_tuning, p_tuning, prefix_tuning, cartridge, cpt, multitask_prompt_tuning, adaption_prompt, poly, shadow, xlora
      m.yaml:15:10: axes.rank[0]: "4" is not allowed. Write 4 without quotes. Allowed: one of 4, 1, 8, 3, any
      m.yaml:15:15: axes.rank[1]: 5 is not allowed. Allowed: one of 4, 1, 8, 3, any
      m.yaml:16:20: axes.use_orig_params: true: expected a list of values, or all
      m.yaml:17:11: strength: 4: expected 1, 2 or 3
      m.yaml:18:7: seed: -1 is too small; at least 0
      m.yaml:19:18: budget.cells: 0 is too small; at least 1
      m.yaml:19:30: budget.minutes: expected a number, found "none""
    `);
  });

  test('a stage of cells that the matrix does not have', () => {
    expect(
      messageOf(
        'version: 1\nname: x\npins: [{ peft: "0.21.2" }]\naxes: { sharding: [none, ddp] }\nstages: [{ sharding: [fsdp1] }]\n',
      ),
    ).toMatchInlineSnapshot(`"m.yaml:5:23: the matrix does not list sharding=fsdp1. Allowed: none, ddp"`);
  });

  test('values that are there twice and axes that can never apply', () => {
    expect(messageOf('version: 1\nname: x\npins: [{ peft: "0.21.2" }]\naxes: { rank: [4, 4], strategy: [NO_SHARD] }\n'))
      .toMatchInlineSnapshot(`
        "m.yaml:4:9: rank applies only with adapter lora or dora or vera or loha or lokr or adalora or hra or vblora or randlora or bone or miss or shira or delora or gralora or lily or peanut or psoft or pvera or deft or glora or hira or unilora or poly or shadow, which this matrix does not list
        m.yaml:4:19: 4 is there twice
        m.yaml:4:23: strategy applies only with sharding fsdp1, which this matrix does not list"
      `);
  });

  test('what is no matrix at all', () => {
    expect([messageOf('hello'), messageOf('version: 2\nname: Q\n')]).toMatchInlineSnapshot(`
      [
        "m.yaml:1:1: the file: expected a mapping (key: value), found "hello"",
        "m.yaml:1:1: the file lacks "pins" (a list)
      m.yaml:1:1: the file lacks "axes" (a mapping (key: value))
      m.yaml:1:10: version: 2 is not allowed. Allowed: 1
      m.yaml:2:7: name: "Q": expected up to 64 lower-case letters, digits, ., - and _, beginning with a letter or digit",
      ]
    `);
  });

  test.each(['>=0.3,<0.2', '>0.2,<0.2', '==0.2,>=0.3', '>0.2,<=0.2'])('the impossible range %s', (range) => {
    expect(messageOf(`version: 1\nname: x\npins: [{ peft: "${range}" }]\naxes: {}\n`)).toMatch(/no version can be/);
  });

  test.each(['>=0.2,<=0.2', '>=0.2,<0.3', '~=0.18', '==0.18.*', '!=0.19.0'])('but not the range %s', (range) => {
    expect(messageOf(`version: 1\nname: x\npins: [{ peft: "${range}" }]\naxes: {}\n`)).toBe('accepted');
  });
});

/** Files as people write them; `axes` are those that always apply, so that any subset is valid. */
const validFile = fc.record({
  version: fc.constant(1),
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
  pins: fc.array(
    fc.record(
      {
        peft: fc.constantFrom('0.21.2', '>=0.18,<0.21', '~=0.20.0'),
        python: fc.constantFrom('3.10', '3.11'),
        torch: fc.constantFrom('2.13.0', '>=2.6'),
        asOf: fc.constantFrom('release', '2026-11-20'),
        device: fc.constantFrom('cpu', 'cuda'),
      },
      { requiredKeys: ['peft'] },
    ),
    { minLength: 1, maxLength: 3 },
  ),
  axes: fc.record(
    Object.fromEntries(
      catalogue.axes
        .filter(({ applies }) => applies === undefined)
        .map(({ name, values }) => [name, fc.shuffledSubarray([...values], { minLength: 1 })]),
    ),
    { requiredKeys: [] },
  ),
  strength: fc.constantFrom(1, 2, 3),
  seed: fc.nat(),
  budget: fc.record({ cells: fc.integer({ min: 1, max: 1000 }), minutes: fc.integer({ min: 1, max: 100 }) }),
});

const written = (file: object): string => dump(file, { quoteStyle: 'double' });

test('any valid file is read as it was written', () => {
  fc.assert(
    fc.property(validFile, (file) => {
      const { axes, strength, seed, budget, pins } = parse(written(file));
      expect({ axes, strength, seed, budget }).toEqual({
        axes: file.axes,
        strength: file.strength,
        seed: file.seed,
        budget: file.budget,
      });
      expect(pins.map(({ peft }) => peft)).toEqual(file.pins.map(({ peft }) => peft));
    }),
    { seed: 42 },
  );
});

test('one value spoilt: one problem, on its line', () => {
  fc.assert(
    fc.property(validFile, fc.nat(), (file, choice) => {
      const lines = written(file).trimEnd().split('\n');
      const spoilable = lines.flatMap((line, index) => (/: \S/.test(line) && !/^ *#/.test(line) ? [index] : []));
      const spoilt = spoilable[choice % spoilable.length] ?? 0;
      const text = lines
        .map((line, index) => (index === spoilt ? line.replace(/: .*/, ': { no: way }') : line))
        .join('\n');
      const message = messageOf(text);
      expect(message).toMatch(new RegExp(`^m\\.yaml:${spoilt + 1}:\\d+: `));
      expect(message).not.toContain('\n');
    }),
    { seed: 42 },
  );
});

test('one key misspelt: it is named on its line, with what was meant', () => {
  fc.assert(
    fc.property(validFile, fc.nat(), (file, choice) => {
      const lines = written(file).trimEnd().split('\n');
      const keys = lines.flatMap((line, index) => (/^ *(?:- )?[A-Za-z]{4,}:/.test(line) ? [index] : []));
      const spoilt = keys[choice % keys.length] ?? 0;
      const key = /[A-Za-z]+/.exec(lines[spoilt] ?? '')?.[0] ?? '';
      const text = lines.map((line, index) => (index === spoilt ? line.replace(key, `${key}q`) : line)).join('\n');
      const problems = messageOf(text).split('\n');
      expect(problems.find((problem) => problem.includes(`"${key}q"`))).toMatch(
        new RegExp(`^m\\.yaml:${spoilt + 1}:\\d+: unknown key "${key}q" .* Did you mean "${key}"\\?`),
      );
    }),
    { seed: 42 },
  );
});
