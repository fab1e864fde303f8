import { describe, expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import type { AxisValue } from './config.ts';
import { explain, explainer, type Feasibility } from './explain.ts';
import { normalise } from './normalise.ts';
import type { Capabilities } from './pin.ts';

const catalogue = await loadCatalogue();

/** Every class and field that the data promise; what a complete environment reports. */
const everything: Capabilities['configClasses'] = Object.fromEntries(
  catalogue.adapters.flatMap(({ configClass }) => (configClass === null ? [] : [[configClass, fieldsOf(configClass)]])),
);

const environment: Capabilities = {
  versions: { python: '3.11.7', torch: '2.13.0+cpu', peft: '0.21.2', transformers: '5.23.0', accelerate: '1.15.0' },
  device: 'cpu',
  devices: 0,
  configClasses: everything,
  dtypes: ['float32', 'bfloat16', 'float16'],
  lstmDtypes: ['bfloat16'],
  shardings: ['ddp', 'fsdp1', 'fsdp2'],
};

const ask = (
  chosen: Readonly<Record<string, AxisValue>>,
  change: Partial<Capabilities> & { readonly peft?: string; readonly torch?: string } = {},
): Feasibility => {
  const { peft, torch, ...rest } = change;
  const versions = { ...environment.versions, ...(peft && { peft }), ...(torch && { torch }) };
  return explain(catalogue, normalise(catalogue.axes, chosen), { ...environment, versions, ...rest });
};

test('every adapter is feasible on today’s stack, but for one that is gone and those that the probe cannot feed', () => {
  const others = catalogue.adapters
    .map(({ name }) => [name, ask({ adapter: name, sharding: 'fsdp2' }).kind])
    .filter(([, kind]) => kind !== 'feasible');
  expect(Object.fromEntries(others)).toEqual({
    bone: 'unsupported',
    multitask_prompt_tuning: 'skipped',
    poly: 'skipped',
    xlora: 'skipped',
  });
});

test('one explainer for many configs says of each what explaining it alone says', () => {
  const configs = catalogue.adapters.flatMap(({ name }) =>
    ['llama', 'gpt2'].map((model) => normalise(catalogue.axes, { adapter: name, model, sharding: 'fsdp1' })),
  );
  const old = { ...environment, versions: { ...environment.versions, peft: '0.11.1' } };
  const answers = configs.map(explainer(catalogue, old));
  expect(answers).toEqual(configs.map((config) => explain(catalogue, config, old)));
  expect(new Set(answers.map(({ kind }) => kind)).size).toBeGreaterThan(1);
});

describe('what a release does not offer yet', () => {
  test.each([
    ['vera', '0.10.0', 'vera is there since PEFT 0.11.0'],
    ['dora', '0.8.2', 'dora is there since PEFT 0.9.0'],
  ])('%s on PEFT %s', (adapter, peft, because) => {
    expect(ask({ adapter }, { peft })).toEqual({ kind: 'unsupported', because, rule: `adapter:${adapter}` });
  });

  test('a pre-release counts as its release', () => {
    expect(ask({ adapter: 'dora' }, { peft: '0.9.0rc1' }).kind).toBe('feasible');
  });

  test('an option: its default is fine, another value is not', () => {
    expect(ask({ adapter: 'lora' }, { peft: '0.7.1' }).kind).toBe('feasible');
    expect(ask({ adapter: 'lora', use_rslora: true }, { peft: '0.7.1' })).toEqual({
      kind: 'unsupported',
      because: 'use_rslora is there since PEFT 0.8.0',
      rule: 'option:use_rslora',
    });
  });

  test('a value of an option that has others', () => {
    expect(ask({ adapter: 'lora', init_lora_weights: 'pissa' }, { peft: '0.11.1' }).kind).toBe('feasible');
    expect(ask({ adapter: 'lora', init_lora_weights: 'olora' }, { peft: '0.11.1' })).toEqual({
      kind: 'unsupported',
      because: 'init_lora_weights=olora is there since PEFT 0.12.0',
      rule: 'option:init_lora_weights',
    });
  });
});

describe('rules', () => {
  test('FSDP2 needs torch 2.6', () => {
    expect(ask({ sharding: 'fsdp2' }, { torch: '2.5.1' })).toMatchObject({ rule: 'fsdp2-needs-torch-2-6' });
    expect(ask({ sharding: 'fsdp2' }, { torch: '2.6.0' }).kind).toBe('feasible');
    expect(ask({ sharding: 'fsdp1' }, { torch: '2.5.1' }).kind).toBe('feasible');
  });

  test('a dtype that the device cannot train in is skipped', () => {
    const dtypes = ['float32'];
    expect(ask({ precision: 'fp16' }, { dtypes })).toMatchObject({ kind: 'skipped', rule: 'no-float16' });
    expect(ask({ precision: 'bf16-autocast' }, { dtypes })).toMatchObject({ kind: 'skipped', rule: 'no-bfloat16' });
    expect(ask({ precision: 'fp32' }, { dtypes }).kind).toBe('feasible');
  });

  test('an LSTM is not brought to bfloat16 where the processor cannot', () => {
    const lstm = { adapter: 'p_tuning', encoder_reparameterization_type: 'LSTM', precision: 'bf16-autocast' };
    expect(ask(lstm, { lstmDtypes: [] })).toMatchObject({ kind: 'skipped', rule: 'no-bfloat16-lstm' });
    expect(ask(lstm, {}).kind).toBe('feasible');
    expect(ask({ ...lstm, precision: 'fp32' }, { lstmDtypes: [] }).kind).toBe('feasible');
  });

  test('CUDA without a device is skipped, with one it is not', () => {
    expect(ask({}, { device: 'cuda', devices: 0 })).toMatchObject({ kind: 'skipped', rule: 'no-accelerator' });
    expect(ask({}, { device: 'cuda', devices: 1 }).kind).toBe('feasible');
  });

  test('methods for linear layers only are unsupported on Conv1D', () => {
    expect(ask({ model: 'gpt2', adapter: 'loha' })).toMatchObject({ kind: 'unsupported', rule: 'linear-layers-only' });
    expect(ask({ model: 'gpt2', adapter: 'vera' }).kind).toBe('feasible');
  });

  test('VeRA before 0.12 takes layers of one shape', () => {
    expect(ask({ adapter: 'vera' }, { peft: '0.11.1' })).toMatchObject({ rule: 'vera-one-shape-llama' });
    expect(ask({ adapter: 'vera', model: 'gpt2' }, { peft: '0.11.1' }).kind).toBe('feasible');
  });
});

describe('what the data promise and the environment does not have was removed', () => {
  test('a class', () => {
    const { VeraConfig: _, ...configClasses } = everything;
    expect(ask({ adapter: 'vera' }, { configClasses })).toEqual({
      kind: 'removed',
      what: 'peft.VeraConfig',
      because: 'PEFT 0.21.2 is expected to have peft.VeraConfig and does not',
    });
  });

  test('a field', () => {
    const fields = everything['LoraConfig'] ?? [];
    const configClasses = { ...everything, LoraConfig: fields.filter((field) => field !== 'use_dora') };
    expect(ask({ adapter: 'dora' }, { configClasses })).toMatchObject({ what: 'peft.LoraConfig(use_dora)' });
    expect(ask({ adapter: 'lora' }, { configClasses }).kind).toBe('feasible');
  });
});

function fieldsOf(configClass: string): readonly string[] {
  const adapters = catalogue.adapters.filter((adapter) => adapter.configClass === configClass);
  const variants = adapters.flatMap((adapter) => adapter.variants ?? []);
  const additions = catalogue.models.flatMap((model) => model.adapterArguments ?? []);
  return [
    'task_type',
    ...[...adapters, ...variants, ...additions].flatMap((part) => Object.keys(part.arguments ?? {})),
  ];
}
