import { describe, expect, test } from 'vitest';
import { judge, readCell, withFacts, withParameter, withPromises, type Cell } from './fixtures/cells.ts';
import { sameSeedSameRun } from './same-seed-same-run.ts';

const fp32 = readCell('lora-fp32-fsdp1');
const bf16 = readCell('lora-bf16-fsdp2');

const twice = (cell: Cell, second: Cell): string => {
  const judgement = judge(sameSeedSameRun, cell, { again: second.observation });
  return judgement.kind === 'violated' ? judgement.message : judgement.kind;
};

describe('same-seed-same-run', () => {
  test('holds for a run and itself', () => {
    for (const cell of [fp32, bf16, readCell('lora-autocast-ddp')]) expect(twice(cell, cell)).toBe('holds');
  });

  test('asks for the second run of the same config', () => {
    expect(sameSeedSameRun.references?.(fp32.subject)).toEqual({ again: { config: fp32.subject.config, attempt: 1 } });
  });

  test('asks nothing of methods that draw lots while they train', () => {
    expect(sameSeedSameRun.applies(fp32.subject)).toBe(true);
    expect(sameSeedSameRun.applies(withPromises(fp32, { deterministic: false }).subject)).toBe(false);
  });

  test('has no evidence without a second run, or when one of them stopped', () => {
    const stopped = readCell('dora-fp32-fsdp1-peft');
    expect(judge(sameSeedSameRun, fp32).kind).toBe('no-evidence');
    expect(twice(fp32, stopped)).toBe('no-evidence');
    expect(twice(stopped, fp32)).toBe('no-evidence');
    expect(twice(fp32, withFacts(fp32, { losses: [Number.NaN] }))).toBe('no-evidence');
  });

  test('sees a single bit in fp32', () => {
    const flipped = withParameter(fp32, 'lora_B', () => ({ digest: 'ffffffffffffffff' }));
    expect(twice(fp32, flipped)).toBe('trained parameters differ from the second run of the same seed: lora_B');
    expect(twice(fp32, withFacts(fp32, { losses: [4.6, 4.6, 4.6] }))).toBe(
      'losses differ from the second run of the same seed',
    );
    expect(twice(fp32, withFacts(fp32, { frozen: { count: 21, digest: 'other', changed: [] } }))).toBe(
      'frozen weights differ from the second run of the same seed before training',
    );
  });

  test('allows bits to differ in bf16, but not the run', () => {
    const rounded = withParameter(bf16, 'lora_B', ({ update }) => ({
      digest: 'ffffffffffffffff',
      update: { ...update, norm: update.norm * 1.002 },
    }));
    expect(twice(bf16, rounded)).toBe('holds');
    const other = withParameter(bf16, 'lora_B', ({ update }) => ({ update: { ...update, norm: update.norm * 1.2 } }));
    expect(twice(bf16, other)).toBe('updates differ from the second run of the same seed');
  });
});
