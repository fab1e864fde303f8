import { describe, expect, test } from 'vitest';
import { judge, readCell } from './fixtures/cells.ts';
import type { Judgement } from './property.ts';
import { runs } from './runs.ts';
import { signatureId, signatureOf } from './signature.ts';

const violationOf = (name: string): Extract<Judgement, { readonly kind: 'violated' }> => {
  const judgement = judge(runs, readCell(name));
  if (judgement.kind !== 'violated') throw new Error(`${name} ran`);
  return judgement;
};

describe('a signature', () => {
  test('of a stopped cell is what stopped it', () => {
    expect(signatureOf('runs', violationOf('lora-fp32-fsdp1-flat'))).toMatchInlineSnapshot(`
      {
        "exception": "ValueError",
        "frames": [
          "torch/distributed/fsdp/_flat_param.py:_validate_tensors_to_flatten",
          "torch/distributed/fsdp/_flat_param.py:_init_flat_param_and_metadata",
          "torch/distributed/fsdp/_flat_param.py:__init__",
        ],
        "message": "Must flatten tensors with uniform \`requires_grad\` when \`use_orig_params=False\`",
        "phase": "wrap",
        "property": "runs",
      }
    `);
  });

  test('of a violation without an exception says so and has no frames', () => {
    expect(
      signatureOf('finite-and-moving', {
        kind: 'violated',
        phase: 'train',
        message: 'losses are not finite',
        detail: 'NaN',
      }),
    ).toEqual({
      property: 'finite-and-moving',
      phase: 'train',
      exception: 'Violation',
      message: 'losses are not finite',
      frames: [],
    });
  });

  test('has an id that never changes', () => {
    expect(signatureId(signatureOf('runs', violationOf('dora-fp32-fsdp1-peft')))).toMatchInlineSnapshot(
      `"bc1da3b7fb11"`,
    );
  });

  test('has an id of its own for each of its parts', () => {
    const signature = signatureOf('runs', violationOf('dora-fp32-fsdp1-peft'));
    const ids = [
      signature,
      { ...signature, property: 'other' },
      { ...signature, phase: 'wrap' as const },
      { ...signature, exception: 'KeyError' },
      { ...signature, message: 'other' },
      { ...signature, frames: [] },
    ].map(signatureId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[0-9a-f]{12}$/.test(id))).toBe(true);
  });
});
