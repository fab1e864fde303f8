import { describe, expect, test } from 'vitest';
import { finiteAndMoving } from './finite-and-moving.ts';
import {
  adapterOf,
  judge,
  readCell,
  withConfig,
  withFacts,
  withoutFacts,
  withParameter,
  type Cell,
} from './fixtures/cells.ts';

const lora = readCell('lora-fp32-fsdp1');
const full = readCell('none-bf16-none');
const still = { norm: 0, sketch: Array.from({ length: 8 }, () => 0) };

describe('finite-and-moving', () => {
  test.each([
    'lora-fp32-none',
    'lora-fp32-fsdp1',
    'lora-bf16-fsdp2',
    'lora-autocast-ddp',
    'vera-fp32-noshard',
    'none-bf16-none',
  ])('holds on the real cell %s', (name) => {
    expect(judge(finiteAndMoving, readCell(name))).toEqual({ kind: 'holds' });
  });

  test('has no evidence for a cell that did not train', () => {
    expect(judge(finiteAndMoving, readCell('dora-fp32-fsdp1-peft')).kind).toBe('no-evidence');
  });

  test.each<readonly [string, Cell, string]>([
    ['a loss of NaN', withFacts(lora, { losses: [4.6, Number.NaN, Number.NaN] }), 'losses are not finite'],
    ['an infinite gradient', withFacts(lora, { gradientNorms: [1, Infinity, 1] }), 'gradient norms are not finite'],
    ['a loss of 3.6e20', withFacts(lora, { losses: [4.6, 4.6, 3.6e20] }), 'losses are of insane size'],
    ['a first loss far from chance', withFacts(lora, { losses: [43, 42, 41] }), 'losses are of insane size'],
    ['a negative loss', withFacts(lora, { losses: [4.6, -0.1, 4.6] }), 'losses are of insane size'],
    ['an exploding gradient', withFacts(lora, { gradientNorms: [1, 2e4, 1] }), 'gradient norms are of insane size'],
    [
      'a parameter of NaN',
      withParameter(lora, 'lora_B', () => ({ norm: Number.NaN })),
      'trainable parameters are not finite after training: lora_B (float32)',
    ],
    [
      'an update of NaN',
      withParameter(lora, 'lora_B', ({ update }) => ({
        update: { ...update, sketch: [...update.sketch.slice(1), Number.NaN] },
      })),
      'trainable parameters are not finite after training: lora_B (float32)',
    ],
    [
      'a huge parameter',
      withParameter(lora, 'lora_A', () => ({ norm: 1e9 })),
      'trainable parameters are of insane size after training: lora_A (float32)',
    ],
    [
      'outputs of NaN',
      withFacts(lora, {
        outputs: { dtype: 'float32', shape: [2, 2], norm: Number.NaN, sketch: still.sketch, digest: 'f' },
      }),
      'outputs are not finite',
    ],
    [
      'a parameter that stands still',
      withParameter(lora, 'layers.1.self_attn.v_proj.lora_B', () => ({ update: still })),
      'trainable parameters did not move: lora_B (float32)',
    ],
  ])('sees %s', (_fault, cell, message) => {
    expect(judge(finiteAndMoving, cell)).toMatchObject({ kind: 'violated', phase: 'train', message });
  });

  test('names how many parameters stand still, for people', () => {
    const judgement = judge(
      finiteAndMoving,
      withParameter(lora, 'q_proj.lora_A', () => ({ update: still })),
    );
    expect(judgement).toHaveProperty(
      'detail',
      '1 of 8 trainable parameters did not move: base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight (float32)',
    );
  });

  test('lets a parameter stand still that the adapter excuses', () => {
    const { subject, observation } = withParameter(lora, 'lora_A', () => ({ update: still }));
    const adapter = adapterOf({ mayStandStill: ['\\.lora_A\\.'] });
    expect(judge(finiteAndMoving, { subject: { ...subject, adapter }, observation })).toEqual({ kind: 'holds' });
  });

  test('lets full fine-tuning in bf16 lose steps below the resolution, but not all of them', () => {
    const lost = withParameter(full, 'norm.weight', () => ({ update: still }));
    expect(judge(finiteAndMoving, lost)).toEqual({ kind: 'holds' });
    const trainable = (full.observation.trainable ?? []).map((parameter) =>
      Object.assign({}, parameter, { update: still }),
    );
    expect(judge(finiteAndMoving, withFacts(full, { trainable }))).toHaveProperty(
      'message',
      'trainable parameters did not move: base parameters (bfloat16)',
    );
  });

  test('blames an adapter that is kept in bf16 and does not learn', () => {
    const lost = withParameter(lora, 'lora_B', () => ({ dtype: 'bfloat16', update: still }));
    expect(judge(finiteAndMoving, lost)).toHaveProperty(
      'message',
      'trainable parameters did not move: lora_B (bfloat16)',
    );
  });

  test('lets steps be lost that the config made too small, unless all are', () => {
    const lost = withParameter(lora, 'lora_B', () => ({ dtype: 'bfloat16', update: still }));
    expect(judge(finiteAndMoving, withConfig(lost, { autocast_adapter_dtype: false }))).toEqual({ kind: 'holds' });
    expect(judge(finiteAndMoving, withConfig(lost, { learning_rate: 0.001 }))).toEqual({ kind: 'holds' });
    expect(judge(finiteAndMoving, withConfig(lost, { learning_rate: 0.1 })).kind).toBe('violated');
    const trainable = (lora.observation.trainable ?? []).map((parameter) =>
      Object.assign({}, parameter, { update: still }),
    );
    const none = withFacts(withConfig(lora, { learning_rate: 0.001 }), { trainable });
    expect(judge(finiteAndMoving, none).kind).toBe('violated');
  });

  test('knows the parameters of a model that nothing moves', () => {
    const lost = withParameter(lora, 'lora_B', () => ({ update: still }));
    const model = { ...lost.subject.model, mayStandStill: ['lora_B'] };
    expect(judge(finiteAndMoving, { ...lost, subject: { ...lost.subject, model } })).toEqual({ kind: 'holds' });
  });

  test('judges the losses of a cell that stopped later', () => {
    const cut = withFacts(withoutFacts(lora, 'trainable', 'outputs'), { losses: [Number.NaN] });
    expect(judge(finiteAndMoving, cut)).toHaveProperty('message', 'losses are not finite');
  });
});
