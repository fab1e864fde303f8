import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellsWithUsages, findings, readCell, withFacts, withoutFacts, type Cell } from './fixtures/cells.ts';
import { generateAgrees } from './generate-agrees.ts';

const fp32 = readCell('lora-fp32-none');
const bf16 = readCell('lora-bf16-none');
const expected = [
  [1, 2, 3, 4, 5, 6, 7, 8],
  [9, 9, 9, 9, 9, 9, 9, 9],
  [5, 4, 3, 2, 1, 0, 5, 4],
  [7, 7, 8, 8, 7, 7, 8, 8],
];
const generated = (cell: Cell, tokens: readonly (readonly number[])[]): readonly string[] =>
  findings(
    generateAgrees,
    withFacts(cell, {
      generated: { tokens: tokens.map((row) => [...row]), expected: expected.map((row) => [...row]) },
    }),
  );
const turnedFrom = (word: number, rows: readonly number[]): readonly (readonly number[])[] =>
  expected.map((row, at) => (rows.includes(at) ? row.map((token, index) => (index < word ? token : 63 - token)) : row));
const seen = ['generate: greedy generation picks other words than forward passes'];

describe('generate-agrees', () => {
  test.each(cellsWithUsages)('holds on the real cell %s', (name) => {
    expect(findings(generateAgrees, readCell(name))).toEqual(['holds']);
  });

  test('holds where the words are the same', () => {
    for (const cell of [fp32, bf16]) expect(generated(cell, expected)).toEqual(['holds']);
  });

  test('sees in fp32 that two rows turn, and takes one for a tie that rounding decides', () => {
    expect(generated(fp32, turnedFrom(3, [0, 2]))).toEqual(seen);
    expect(generated(fp32, turnedFrom(7, [0]))).toEqual(['holds']);
  });

  test('sees in bf16 that every row turns at the first word, and takes less for rounding', () => {
    expect(generated(bf16, turnedFrom(0, [0, 1, 2, 3]))).toEqual(seen);
    expect(generated(bf16, turnedFrom(0, [0, 1]))).toEqual(['holds']);
    expect(generated(bf16, turnedFrom(6, [0, 1, 2, 3]))).toEqual(['holds']);
    expect(generated(readCell('lora-autocast-none'), turnedFrom(0, [0, 1, 2, 3]))).toEqual(['holds']);
  });

  test('takes a row that ends early, or is missing, for one that turns', () => {
    expect(
      generated(
        fp32,
        expected.map((row) => row.slice(0, 5)),
      ),
    ).toEqual(seen);
    expect(generated(fp32, [])).toEqual(seen);
  });

  test('sees no less when more rows turn', () => {
    fc.assert(
      fc.property(
        fc.subarray([0, 1, 2, 3]),
        fc.integer({ min: 0, max: 7 }),
        fc.constantFrom(fp32, bf16),
        (rows, word, cell) => {
          const some = generated(cell, turnedFrom(word, rows));
          const all = generated(cell, turnedFrom(word, [0, 1, 2, 3]));
          expect(some[0] === 'holds' || all[0] !== 'holds').toBe(true);
        },
      ),
    );
  });

  test('has no evidence without the fact', () => {
    expect(findings(generateAgrees, withoutFacts(fp32, 'generated'))).toEqual(['no-evidence']);
  });

  test('asks for the usage of adapters on models that generate', () => {
    expect(generateAgrees.usages?.(fp32.subject)).toEqual(['generate']);
    expect(generateAgrees.applies(fp32.subject)).toBe(true);
    const { subject } = fp32;
    expect(generateAgrees.applies({ ...subject, model: { ...subject.model, task: 'regression' } })).toBe(false);
    expect(generateAgrees.applies(readCell('lora-fp32-fsdp1').subject)).toBe(false);
  });
});
