import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import { checkpointRoundTrip } from './checkpoint-round-trip.ts';
import { findings, judge, readCell, withFacts, withoutFacts, type Cell } from './fixtures/cells.ts';

type Checkpoint = NonNullable<Observation['checkpoint']>;

const lora = readCell('lora-bf16-fsdp2');
const unsharded = readCell('lora-bf16-none').observation;

const checkpointOf = ({ checkpoint }: Observation): Checkpoint => {
  if (checkpoint === undefined) throw new Error('The fixture has no checkpoint');
  return checkpoint;
};
const saved = checkpointOf(lora.observation);
const withCheckpoint = (changes: Partial<Checkpoint>): Cell =>
  withFacts(lora, { checkpoint: { ...saved, ...changes } });
const withTensor = (key: string): Cell =>
  withCheckpoint({ tensors: { ...saved.tensors, [`base_model.model.${key}`]: 'float32[32,32]' } });
const [firstKey = ''] = Object.keys(saved.tensors);
const trained = (lora.observation.trainable ?? []).map(({ name }) => name);

describe('checkpoint-round-trip', () => {
  test.each([
    ['lora-bf16-fsdp2', 'lora-bf16-none'],
    ['none-bf16-fsdp2', 'none-bf16-none'],
    ['lora-autocast-ddp', 'lora-autocast-none'],
    ['vera-fp32-noshard', 'vera-fp32-none'],
  ])('holds on the real cell %s', (name, reference) => {
    const references = { unsharded: readCell(reference).observation };
    expect(judge(checkpointRoundTrip, readCell(name), references)).toEqual({ kind: 'holds' });
    expect(judge(checkpointRoundTrip, readCell(reference))).toEqual({ kind: 'holds' });
  });

  test('sees that PEFT 0.21.2 saves no tensor at all from a model under FSDP1', () => {
    expect(judge(checkpointRoundTrip, readCell('lora-fp32-fsdp1'))).toMatchObject({
      kind: 'violated',
      phase: 'save',
      message: 'trained tensors are missing from the checkpoint',
      detail: 'no tensor was saved; files: README.md, adapter_config.json, adapter_model.safetensors',
    });
  });

  test('sees weights of the base model in the checkpoint, and lets embeddings and heads be', () => {
    const cell = withTensor('model.layers.0.self_attn.q_proj.base_layer.weight');
    expect(judge(checkpointRoundTrip, cell, { unsharded: cell.observation })).toMatchObject({
      kind: 'violated',
      phase: 'save',
      message: 'frozen weights of the base model are in the checkpoint',
    });
    for (const key of ['model.embed_tokens.base_layer.weight', 'lm_head.base_layer.weight']) {
      const other = withTensor(key);
      expect(judge(checkpointRoundTrip, other, { unsharded: other.observation })).toEqual({ kind: 'holds' });
    }
  });

  test('has no evidence when nothing was saved because the cell stopped', () => {
    expect(judge(checkpointRoundTrip, withoutFacts(lora, 'checkpoint')).kind).toBe('no-evidence');
  });

  test('weights may be others where the method saves what they come to; the outputs may not', () => {
    const adapter = { ...lora.subject.adapter, promises: { ...lora.subject.adapter.promises, keepsWeights: false } };
    const inOtherForm = (changes: Partial<Checkpoint>): Cell => ({
      ...withCheckpoint({ differing: trained, ...changes }),
      subject: { ...lora.subject, adapter },
    });
    expect(judge(checkpointRoundTrip, inOtherForm({}), { unsharded })).toEqual({ kind: 'holds' });
    expect(judge(checkpointRoundTrip, inOtherForm({ distance: 0.3 }), { unsharded })).toMatchObject({
      kind: 'violated',
      message: 'outputs differ after loading',
    });
  });

  test('asks for the unsharded cell, and only of cells that are sharded', () => {
    expect(checkpointRoundTrip.references?.(readCell('lora-fp32-none').subject)).toEqual({});
    expect(Object.keys(checkpointRoundTrip.references?.(lora.subject) ?? {})).toEqual(['unsharded']);
  });

  test.each<readonly [string, Cell, string, string]>([
    [
      'a tensor that is missing',
      withCheckpoint({ tensors: Object.fromEntries(Object.entries(saved.tensors).slice(1)) }),
      'save',
      'trained tensors are missing from the checkpoint',
    ],
    [
      'a tensor too many',
      withCheckpoint({ tensors: { ...saved.tensors, 'base_model.model.lm_head.weight': 'float32[64,32]' } }),
      'save',
      'the checkpoint has tensors that the unsharded run does not save',
    ],
    [
      'a flattened tensor',
      withCheckpoint({ tensors: { ...saved.tensors, [firstKey]: 'float32[64]' } }),
      'save',
      'tensors were saved in other shapes or dtypes than by the unsharded run',
    ],
    [
      'another file',
      withCheckpoint({ files: [...saved.files, 'optimizer.bin'] }),
      'save',
      'other files were saved than by the unsharded run',
    ],
    [
      'weights that were not loaded',
      withCheckpoint({ differing: trained, distance: 0.3 }),
      'load',
      'loaded weights differ from the trained ones',
    ],
    ['other outputs', withCheckpoint({ distance: 0.3 }), 'load', 'outputs differ after loading'],
    [
      'outputs of another dtype',
      withCheckpoint({
        loaded: { dtype: 'float64', shape: [1], norm: 1, sketch: [1, 1, 1, 1, 1, 1, 1, 1], digest: '' },
      }),
      'load',
      'outputs have another shape or dtype after loading',
    ],
  ])('sees %s', (_fault, cell, phase, message) => {
    expect(judge(checkpointRoundTrip, cell, { unsharded })).toMatchObject({ kind: 'violated', phase, message });
  });

  test('takes what bf16 products differ by from allocation to allocation for rounding, and in fp32 does not', () => {
    const distance = 5e-3;
    expect(judge(checkpointRoundTrip, withCheckpoint({ distance }), { unsharded })).toEqual({ kind: 'holds' });
    const fp32 = readCell('lora-fp32-none');
    const checkpoint = { ...checkpointOf(fp32.observation), distance };
    expect(judge(checkpointRoundTrip, withFacts(fp32, { checkpoint }))).toHaveProperty(
      'message',
      'outputs differ after loading',
    );
  });

  test('sees outputs of NaN after loading when the trained model gave numbers', () => {
    expect(judge(checkpointRoundTrip, withCheckpoint({ distance: Number.NaN }), { unsharded })).toHaveProperty(
      'message',
      'outputs differ after loading',
    );
  });

  test('sees that an adapter is trainable that was loaded for inference, beside whatever else there is', () => {
    const trainable = [...trained];
    const message = 'load: parameters require gradients though the adapter was loaded for inference';
    expect(findings(checkpointRoundTrip, withCheckpoint({ trainable }), { unsharded })).toEqual([message]);
    expect(findings(checkpointRoundTrip, withCheckpoint({ trainable, distance: 0.3 }), { unsharded })).toEqual([
      'load: outputs differ after loading',
      message,
    ]);
    const full = readCell('none-bf16-none');
    const checkpoint = { ...checkpointOf(full.observation), trainable };
    expect(findings(checkpointRoundTrip, withFacts(full, { checkpoint }))).toEqual(['holds']);
  });

  test('judges a save whose load failed', () => {
    const { files, tensors } = saved;
    const cut = withFacts(lora, { checkpoint: { files, tensors } });
    expect(judge(checkpointRoundTrip, cut, { unsharded })).toEqual({ kind: 'holds' });
  });

  test('does not take for a fault of loading what may be one of saving: a sharded cell without its unsharded run', () => {
    const cell = withCheckpoint({ differing: ['a.lora_A.default.weight'] });
    expect(judge(checkpointRoundTrip, cell, { unsharded })).toMatchObject({ kind: 'violated', phase: 'load' });
    expect(judge(checkpointRoundTrip, cell)).toEqual({ kind: 'holds' });
  });
});
