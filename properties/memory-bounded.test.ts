import { describe, expect, test } from 'vitest';
import { findings, readCell, withFacts, withoutFacts } from './fixtures/cells.ts';
import { memoryBounded } from './memory-bounded.ts';

const lora = readCell('lora-bf16-fsdp2');
const full = readCell('none-bf16-none').observation;
const peakOf = (peakBytes: number): readonly string[] =>
  findings(memoryBounded, withFacts(lora, { peakBytes }), { full });

describe('memory-bounded', () => {
  test('holds on real cells', () => {
    for (const name of ['lora-bf16-fsdp2', 'lora-bf16-none'])
      expect(findings(memoryBounded, readCell(name), { full })).toEqual(['holds']);
  });

  test('sees what takes twice the memory, and nothing that the machine may be the reason of', () => {
    expect(peakOf(3 * (full.peakBytes ?? 0))).toEqual([
      'train: more than twice the memory of full fine-tuning without sharding',
    ]);
    expect(peakOf(1.2 * (full.peakBytes ?? 0))).toEqual(['holds']);
  });

  test('is silent where the machine does not tell, or there is nothing to compare with', () => {
    expect(findings(memoryBounded, withoutFacts(lora, 'peakBytes'), { full })).toEqual(['no-evidence']);
    expect(findings(memoryBounded, lora)).toEqual(['no-evidence']);
    const stopped = { ...full, stop: { kind: 'timeout', phase: 'train', rank: 0 } as const };
    expect(findings(memoryBounded, lora, { full: stopped })).toEqual(['no-evidence']);
  });

  test('asks for full fine-tuning in one process, of adapters alone', () => {
    expect(memoryBounded.references?.(lora.subject)).toEqual({
      full: { config: { ...lora.subject.config, adapter: 'none', sharding: 'none' }, attempt: 0 },
    });
    expect(memoryBounded.applies(readCell('none-bf16-none').subject)).toBe(false);
  });
});
