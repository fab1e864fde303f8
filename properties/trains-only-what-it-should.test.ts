import { describe, expect, test } from 'vitest';
import { adapterOf, judge, readCell, withFacts, withoutFacts, withParameter } from './fixtures/cells.ts';
import { trainsOnlyWhatItShould } from './trains-only-what-it-should.ts';

const lora = readCell('lora-fp32-fsdp1');
const full = readCell('none-bf16-fsdp2');

describe('trains-only-what-it-should', () => {
  test.each(['lora-fp32-none', 'lora-bf16-fsdp2', 'vera-fp32-noshard', 'none-bf16-none', 'none-bf16-fsdp2'])(
    'holds on the real cell %s',
    (name) => {
      expect(judge(trainsOnlyWhatItShould, readCell(name))).toEqual({ kind: 'holds' });
    },
  );

  test('has no evidence before training is done', () => {
    expect(judge(trainsOnlyWhatItShould, withoutFacts(lora, 'frozen')).kind).toBe('no-evidence');
  });

  test('sees a frozen weight that changed', () => {
    const changed = ['base_model.model.model.layers.1.self_attn.q_proj.base_layer.weight'];
    expect(
      judge(trainsOnlyWhatItShould, withFacts(lora, { frozen: { count: 21, digest: 'a', changed } })),
    ).toMatchObject({
      kind: 'violated',
      phase: 'train',
      message: 'frozen weights changed: base parameters',
    });
  });

  test('sees a base weight that is trainable', () => {
    const leaked = withParameter(lora, 'lora_A', () => ({ name: 'base_model.model.lm_head.weight' }));
    expect(judge(trainsOnlyWhatItShould, leaked)).toMatchObject({
      kind: 'violated',
      phase: 'adapt',
      message: 'trainable beyond what the adapter promises: base parameters',
    });
  });

  test('sees that a promised kind of parameter is not trainable', () => {
    const adapter = adapterOf({ trains: ['\\.lora_A\\.', '\\.lora_B\\.', '\\.lora_magnitude_vector\\.'] });
    expect(judge(trainsOnlyWhatItShould, { ...lora, subject: { ...lora.subject, adapter } })).toHaveProperty(
      'message',
      String.raw`promised by the adapter but not trainable: \.lora_magnitude_vector\.`,
    );
  });

  test('sees that nothing is trainable', () => {
    expect(judge(trainsOnlyWhatItShould, withFacts(lora, { trainable: [] }))).toHaveProperty(
      'message',
      'nothing is trainable',
    );
  });

  test('sees full fine-tuning that leaves something frozen', () => {
    expect(
      judge(trainsOnlyWhatItShould, withFacts(full, { frozen: { count: 1, digest: 'a', changed: [] } })),
    ).toHaveProperty('message', 'full fine-tuning left parameters frozen');
  });
});
