import { describe, expect, test } from 'vitest';
import {
  cellsWithUsages,
  findings,
  readCell,
  withFacts,
  withoutFacts,
  withPromises,
  type Cell,
} from './fixtures/cells.ts';
import { startsAsIdentity } from './starts-as-identity.ts';

const lora = readCell('lora-fp32-none');
const starting = (cell: Cell, distance: number): readonly string[] =>
  findings(startsAsIdentity, withFacts(cell, { start: { distance } }));

describe('starts-as-identity', () => {
  test.each(cellsWithUsages)('holds on the real cell %s', (name) => {
    expect(findings(startsAsIdentity, readCell(name))).toEqual(['holds']);
  });

  test.each([0, 1e-6, 1e-5])('takes a distance of %d in fp32 for rounding', (distance) => {
    expect(starting(lora, distance)).toEqual(['holds']);
  });

  test.each([
    ['AdaLoRA until 0.11', 3.924e-4],
    ['PiSSA on a Conv1D until 0.13', 7.5],
    ['a NaN', Number.NaN],
  ])('sees %s', (_bug, distance) => {
    expect(starting(lora, distance)).toEqual(['adapt: a fresh adapter changes the outputs of the base model']);
  });

  test('allows in bf16 what bf16 rounds, and no more', () => {
    const bf16 = readCell('lora-bf16-none');
    expect(starting(bf16, 0.005)).toEqual(['holds']);
    expect(starting(bf16, 0.05)).toEqual(['adapt: a fresh adapter changes the outputs of the base model']);
  });

  test('has no evidence where the start was not looked at', () => {
    expect(findings(startsAsIdentity, withoutFacts(lora, 'start'))).toEqual(['no-evidence']);
  });

  test('asks nothing of an adapter that promises nothing, and nothing of full fine-tuning', () => {
    expect(startsAsIdentity.applies(lora.subject)).toBe(true);
    expect(startsAsIdentity.applies(withPromises(lora, { identity: false }).subject)).toBe(false);
    expect(startsAsIdentity.applies(readCell('none-bf16-none').subject)).toBe(false);
    expect(startsAsIdentity.references).toBeUndefined();
  });
});
