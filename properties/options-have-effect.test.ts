import { describe, expect, test } from 'vitest';
import type { AdapterOption } from '../matrices/adapter.ts';
import type { Config } from '../matrices/config.ts';
import { findings, readCell, withFacts, withParameter, withPromises, type Cell } from './fixtures/cells.ts';
import { optionsHaveEffect } from './options-have-effect.ts';

const option = (name: string, more: Partial<AdapterOption> = {}): AdapterOption => ({
  name,
  description: name,
  values: [16, 32],
  changesOutputs: true,
  ...more,
});

/** A cell whose adapter has these options, with these values of them. */
const withOptions = ({ subject, observation }: Cell, options: readonly AdapterOption[], values: Config): Cell => ({
  subject: {
    ...subject,
    config: { ...subject.config, ...values },
    adapter: { ...subject.adapter, options },
  },
  observation,
});

const lora = withOptions(readCell('lora-fp32-none'), [option('alpha'), option('scale')], { alpha: 32, scale: 16 });
const { observation } = lora;
const { outputs } = observation;
if (outputs === undefined) throw new Error('The fixture has no outputs');
const moved = (by: number): Cell =>
  withFacts(lora, {
    outputs: { ...outputs, digest: 'other', sketch: outputs.sketch.map((value) => value + by * outputs.norm) },
  });

describe('options-have-effect', () => {
  test('sees that an option is ignored', () => {
    expect(findings(optionsHaveEffect, lora, { alpha: observation })).toEqual([
      'train: the option alpha changes nothing',
    ]);
    expect(findings(optionsHaveEffect, moved(1e-6), { alpha: observation })).toEqual([
      'train: the option alpha changes nothing',
    ]);
  });

  test('holds where outputs or losses are others', () => {
    expect(findings(optionsHaveEffect, moved(1e-3), { alpha: observation })).toEqual(['holds']);
    const losses = (observation.losses ?? []).map((loss) => loss * 1.001);
    expect(findings(optionsHaveEffect, withFacts(lora, { losses }), { alpha: observation })).toEqual(['holds']);
  });

  test('in bf16 takes only the same bits for the same run', () => {
    const bf16 = withOptions(readCell('lora-bf16-none'), [option('alpha')], { alpha: 32 });
    expect(findings(optionsHaveEffect, bf16, { alpha: bf16.observation })).toEqual([
      'train: the option alpha changes nothing',
    ]);
    const losses = (bf16.observation.losses ?? []).map((loss) => loss * 1.0001);
    expect(findings(optionsHaveEffect, withFacts(bf16, { losses }), { alpha: bf16.observation })).toEqual(['holds']);
  });

  test('judges several options one by one', () => {
    const both = { ...lora, subject: { ...lora.subject, config: { ...lora.subject.config, scale: 32 } } };
    const changed = moved(1e-3).observation;
    expect(findings(optionsHaveEffect, both, { alpha: observation, scale: observation })).toHaveLength(2);
    expect(findings(optionsHaveEffect, both, { alpha: observation, scale: changed })).toEqual([
      'train: the option alpha changes nothing',
    ]);
  });

  test('has no evidence where either run did not finish', () => {
    expect(findings(optionsHaveEffect, lora)).toEqual(['no-evidence']);
    expect(findings(optionsHaveEffect, withFacts(lora, { losses: [Number.NaN] }), { alpha: observation })).toEqual([
      'no-evidence',
    ]);
    const stopped = readCell('lora-fp32-fsdp1-flat').observation;
    expect(findings(optionsHaveEffect, lora, { alpha: stopped })).toEqual(['no-evidence']);
    expect(findings(optionsHaveEffect, { ...lora, observation: stopped }, { alpha: observation })).toEqual([
      'no-evidence',
    ]);
  });

  test('asks for the first value of each option that promises an effect and is away from it', () => {
    expect(optionsHaveEffect.references?.(lora.subject)).toEqual({
      alpha: { config: { ...lora.subject.config, alpha: 16 }, attempt: 0 },
    });
    const applies = (options: readonly AdapterOption[], values: Config): boolean =>
      optionsHaveEffect.applies(withOptions(lora, options, values).subject);
    expect(applies([option('alpha')], { alpha: 32 })).toBe(true);
    expect(applies([option('alpha')], { alpha: 16 })).toBe(false);
    expect(applies([option('alpha', { changesOutputs: false })], { alpha: 32 })).toBe(false);
    expect(applies([option('absent')], {})).toBe(false);
    expect(applies([option('alpha')], { alpha: 32, sharding: 'ddp' })).toBe(false);
    expect(optionsHaveEffect.applies(withPromises(lora, { deterministic: false }).subject)).toBe(false);
  });

  test('is not misled by a parameter that moves while nothing comes out', () => {
    const turned = withParameter(lora, 'lora_A', () => ({ digest: 'other' }));
    expect(findings(optionsHaveEffect, turned, { alpha: observation })).toEqual([
      'train: the option alpha changes nothing',
    ]);
  });
});
