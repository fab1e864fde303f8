import { describe, expect, test } from 'vitest';
import { adapterNamed, loadCatalogue, modelNamed } from './catalogue.ts';
import type { Config } from './config.ts';
import { normalise } from './normalise.ts';
import { adapterAsOf, resolveAdapter, type ResolvedAdapter } from './resolve-adapter.ts';

const catalogue = await loadCatalogue();
const resolve = (chosen: Config, peft = '0.21.2'): ResolvedAdapter | null => {
  const config = normalise(catalogue.axes, chosen);
  const model = modelNamed(catalogue, String(config['model']));
  return resolveAdapter(adapterNamed(catalogue, String(config['adapter'])), model, config, { peft });
};

/** Options of LoRA on llama that change the outputs. */
const effective = (chosen: Config): readonly string[] => {
  const config = normalise(catalogue.axes, { adapter: 'lora', ...chosen });
  const lora = adapterNamed(catalogue, 'lora');
  const { options } = adapterAsOf(lora, modelNamed(catalogue, 'llama'), config, { peft: '0.21.2' });
  return options.flatMap(({ name, changesOutputs }) => (changesOutputs === true ? [name] : []));
};

test('an option is without effect where another speaks for every layer', () => {
  expect(effective({ alpha_pattern: 'some' })).toEqual(['lora_alpha', 'use_rslora']);
  expect(effective({ alpha_pattern: 'some', exclude_modules: 'some' })).toEqual(['use_rslora']);
});

describe('arguments of an adapter', () => {
  test('are filled from the config and the model', () => {
    expect(resolve({ adapter: 'dora', rank: 8, targets: 'mlp', use_rslora: true })).toMatchInlineSnapshot(`
      {
        "arguments": {
          "bias": "none",
          "init_lora_weights": true,
          "lora_alpha": 16,
          "lora_dropout": 0,
          "r": 8,
          "target_modules": [
            "gate_proj",
            "up_proj",
            "down_proj",
          ],
          "task_type": "CAUSAL_LM",
          "use_dora": true,
          "use_rslora": true,
        },
        "configClass": "LoraConfig",
        "push": 0.02,
      }
    `);
  });

  test('take what the model asks for', () => {
    expect(resolve({ adapter: 'lora', model: 'gpt2' })?.arguments).toMatchObject({
      fan_in_fan_out: true,
      target_modules: ['c_attn'],
    });
    expect(resolve({ adapter: 'ia3', targets: 'mlp' })?.arguments).toMatchObject({
      feedforward_modules: ['down_proj'],
    });
    expect(resolve({ adapter: 'ia3', targets: 'attention' })?.arguments).toMatchObject({ feedforward_modules: [] });
  });

  test('differ by release: OFT counts blocks until 0.13 and sizes them since', () => {
    expect(resolve({ adapter: 'oft' }, '0.13.2')?.arguments).toMatchObject({ r: 8 });
    expect(resolve({ adapter: 'oft' }, '0.13.2')?.arguments).not.toHaveProperty('oft_block_size');
    expect(resolve({ adapter: 'oft' }, '0.14.0')?.arguments).toMatchObject({ r: 0, oft_block_size: 4 });
  });

  test('leave out an option that the release does not have', () => {
    expect(resolve({ adapter: 'lora' }, '0.7.1')?.arguments).not.toHaveProperty('use_rslora');
    expect(resolve({ adapter: 'lora' }, '0.8.0')?.arguments).toMatchObject({ use_rslora: false });
  });

  test('no placeholder is left, for any adapter on any model', () => {
    const texts = catalogue.adapters.flatMap(({ name }) =>
      catalogue.models.map((model) => JSON.stringify(resolve({ adapter: name, model: model.name }))),
    );
    expect(texts.filter((text) => text.includes('$'))).toEqual([]);
  });

  test('full fine-tuning has none', () => {
    expect(resolve({ adapter: 'none' })).toBeNull();
  });
});
