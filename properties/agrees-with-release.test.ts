import { describe, expect, test } from 'vitest';
import { agreesWithRelease } from './agrees-with-release.ts';
import { findings, readCell, withConfig, withFacts, withParameter, withPromises } from './fixtures/cells.ts';

const lora = readCell('lora-fp32-none');
const before = lora.observation;
const drifted = ['train: updates differ from the next older release'];

describe('agrees-with-release', () => {
  test('holds for the same numbers', () => {
    expect(findings(agreesWithRelease, lora, { before })).toEqual(['holds']);
  });

  test('sees that the numbers drift', () => {
    const scaled = withParameter(lora, 'lora_B', ({ update }) => ({
      update: { norm: 1.001 * update.norm, sketch: update.sketch.map((value) => 1.001 * value) },
    }));
    expect(findings(agreesWithRelease, scaled, { before })).toEqual(drifted);
    const losses = (before.losses ?? []).map((loss) => loss * 1.0001);
    expect(findings(agreesWithRelease, withFacts(lora, { losses }), { before })).toEqual([
      'train: the first loss differs from the next older release',
    ]);
  });

  test('takes no offence at names, frozen tensors and shapes that releases choose', () => {
    const renamed = withParameter(lora, 'lora_B', ({ name }) => ({ name: `${name}.new` }));
    expect(findings(agreesWithRelease, renamed, { before })).toEqual(['holds']);
    const reshaped = withParameter(lora, 'lora_B', ({ update }) => ({
      shape: [1],
      update: { ...update, norm: 2 * update.norm },
    }));
    expect(findings(agreesWithRelease, reshaped, { before })).toEqual(['holds']);
    expect(
      findings(agreesWithRelease, withFacts(lora, { frozen: { count: 1, digest: 'x', changed: [] } }), { before }),
    ).toEqual(['holds']);
  });

  test('is silent where there is no older release, or it did not train', () => {
    expect(findings(agreesWithRelease, lora)).toEqual(['no-evidence']);
    expect(findings(agreesWithRelease, lora, { before: readCell('lora-fp32-fsdp1-flat').observation })).toEqual([
      'no-evidence',
    ]);
  });

  test('asks for the same config on the baseline, in fp32 on one process', () => {
    expect(agreesWithRelease.references?.(lora.subject)).toEqual({
      before: { config: lora.subject.config, attempt: 0, pin: 'baseline' },
    });
    expect(agreesWithRelease.applies(lora.subject)).toBe(true);
    expect(agreesWithRelease.applies(withConfig(lora, { precision: 'bf16' }).subject)).toBe(false);
    expect(agreesWithRelease.applies(withConfig(lora, { sharding: 'ddp' }).subject)).toBe(false);
    expect(agreesWithRelease.applies(readCell('none-bf16-none').subject)).toBe(false);
    expect(agreesWithRelease.applies(withPromises(lora, { deterministic: false }).subject)).toBe(false);
  });
});
