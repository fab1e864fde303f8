import { describe, expect, test } from 'vitest';
import type { Config } from '../matrices/config.ts';
import { arithmeticBound, driftBound, isCoarse, isExact, resolutionBound, storageBound } from './bounds.ts';
import { subjectOf } from './fixtures/cells.ts';

const boundOf = (precision: string): number => arithmeticBound(subjectOf({ adapter: 'lora', precision }));

const boundsOf = (bound: typeof driftBound): readonly number[] =>
  ['fp32', 'bf16', 'fp16', 'bf16-autocast'].map((precision) =>
    Number(bound(subjectOf({ adapter: 'lora', precision })).toPrecision(2)),
  );

describe('bounds', () => {
  test('of the arithmetic are those that the derivation states, for two layers', () => {
    expect(
      ['fp32', 'bf16', 'fp16', 'bf16-autocast'].map((precision) => Number(boundOf(precision).toPrecision(2))),
    ).toEqual([0.000015, 0.028, 0.01, 0.14]);
  });

  test('of drift and of weights at rest are those that the derivation states', () => {
    expect(boundsOf(driftBound).slice(1)).toEqual([0.055, 0.0069, 0.055]);
    expect(boundsOf(storageBound)).toEqual([0.000011, 0.02, 0.0073, 0.000011]);
  });

  test('grow with the square root of the depth', () => {
    const subject = subjectOf({ adapter: 'lora', precision: 'fp32' });
    const deep = { ...subject, model: { ...subject.model, layers: 8 } };
    expect(arithmeticBound(deep) / arithmeticBound(subject)).toBeCloseTo(2, 12);
  });

  test('grow with the step where alpha / rank makes it larger than those that were measured', () => {
    const scale = { alpha: 'lora_alpha', rank: 'rank', squareRoot: 'use_rslora' };
    const at = (values: Config): number => {
      const subject = subjectOf({ adapter: 'lora', precision: 'bf16', learning_rate: 0.1, lora_alpha: 16, ...values });
      return driftBound({ ...subject, adapter: { ...subject.adapter, scale } }) / driftBound(subject);
    };
    expect(at({ rank: 4 })).toBe(1);
    expect(at({ rank: 8 })).toBe(1);
    expect(at({ rank: 1 })).toBeCloseTo(8, 12);
    expect(at({ rank: 1, learning_rate: 0.001 })).toBe(1);
    expect(at({ rank: 16, use_rslora: true, lora_alpha: 64 })).toBeCloseTo(8, 12);
  });

  test('refuse a precision that nobody derived a bound for', () => {
    expect(() => boundOf('fp8')).toThrow(
      'No bound is known for precision=fp8 (known: fp32, bf16, fp16, bf16-autocast). Add it to properties/bounds.ts with its derivation.',
    );
  });

  test('of the resolution hold what float32 rounding does to two runs that round apart', () => {
    const steps = 3;
    const weights = Array.from({ length: 400 }, (_, index) => 0.01 + ((index * 0.618_033_988_75) % 1));
    const train = (shift: number): readonly number[] =>
      weights.map((weight, index) => {
        let value = Math.fround(weight);
        for (let step = 0; step < steps; step += 1)
          value = Math.fround(value - 1e-4 * Math.sin(index + step) + shift * Math.sin(17 * index + step));
        return value;
      });
    // A shift of two units in the last place makes every rounding its own.
    const [one, other] = [train(0), train(2e-7)];
    const exact = weights.map((_, index) =>
      [0, 1, 2].reduce((sum, step) => sum + 2e-7 * Math.sin(17 * index + step), 0),
    );
    const distance = Math.hypot(...one.map((value, index) => (other[index] ?? 0) - value - (exact[index] ?? 0)));
    const bound = resolutionBound('float32', Math.hypot(...weights), steps);
    expect(distance).toBeLessThan(bound * 1.1);
    expect(distance).toBeGreaterThan(bound / 3);
  });

  test('know which dtypes are exact and which are coarse', () => {
    expect(isExact(subjectOf({ precision: 'fp32' }))).toBe(true);
    expect(isExact(subjectOf({ precision: 'bf16-autocast' }))).toBe(false);
    expect(['float32', 'torch.bfloat16', 'float16'].map(isCoarse)).toEqual([false, true, true]);
  });
});
