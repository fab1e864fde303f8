import { describe, expect, test } from 'vitest';
import { findings, readCell, withConfig, withParameter, withPromises } from './fixtures/cells.ts';
import { origParamsAgree } from './orig-params-agree.ts';

const original = readCell('vera-fp32-noshard');
const flat = withConfig(original, { use_orig_params: false });
const references = { original: original.observation };

describe('orig-params-agree', () => {
  test('holds for the same numbers', () => {
    expect(findings(origParamsAgree, flat, references)).toEqual(['holds']);
  });

  test('sees an update that is counted twice', () => {
    const twice = withParameter(flat, 'vera_lambda_b', ({ update }) => ({
      update: { norm: 2 * update.norm, sketch: update.sketch.map((value) => 2 * value) },
    }));
    expect(findings(origParamsAgree, twice, references)).toEqual([
      'train: updates differ from the run with use_orig_params=true',
    ]);
  });

  test('has no evidence where either did not train', () => {
    const stopped = readCell('lora-fp32-fsdp1-flat');
    expect(findings(origParamsAgree, flat)).toEqual(['no-evidence']);
    expect(findings(origParamsAgree, stopped, references)).toEqual(['no-evidence']);
    expect(findings(origParamsAgree, flat, { original: stopped.observation })).toEqual(['no-evidence']);
  });

  test('asks the flattening cell alone, for the other value', () => {
    expect(origParamsAgree.references?.(flat.subject)).toEqual({
      original: { config: original.subject.config, attempt: 0 },
    });
    expect(origParamsAgree.applies(flat.subject)).toBe(true);
    expect(origParamsAgree.applies(original.subject)).toBe(false);
    expect(origParamsAgree.applies(readCell('lora-bf16-fsdp2').subject)).toBe(false);
    expect(origParamsAgree.applies(withPromises(flat, { deterministic: false }).subject)).toBe(false);
  });
});
