import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText } from '../fixtures/hostile.ts';
import { oneLine } from './safe-text.ts';
import { cutToWidth, padEndToWidth, textWidth, wrapWords } from './text-width.ts';

test.each([
  ['abc', 3],
  ['漢字', 4],
  ['e\u0301', 1],
  ['👍', 2],
  ['█░…─', 4],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test('cut text fits, and what fits is not cut', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 0, max: 40 }), (hostile, width) => {
      const text = oneLine(hostile);
      const cut = cutToWidth(text, width);
      expect(textWidth(cut)).toBeLessThanOrEqual(width);
      const isWhole = textWidth(text) <= width;
      expect(cut === text).toBe(isWhole);
      expect(isWhole || width === 0 || cut.endsWith('…')).toBe(true);
    }),
    { seed: 1 },
  );
});

test('wrapping loses no word and keeps to the width', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z=]{1,9}$/u), { minLength: 1 }),
      fc.integer({ min: 9, max: 40 }),
      (words, width) => {
        const lines = wrapWords(words.join(' '), width);
        expect(lines.join(' ')).toBe(words.join(' '));
        expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
      },
    ),
    { seed: 1 },
  );
});

test('a word that is too long stays whole on a line of its own', () => {
  expect(wrapWords('ab https://example.org/long cd', 8)).toEqual(['ab', 'https://example.org/long', 'cd']);
});

test('padding counts columns, not characters', () => {
  expect(padEndToWidth('漢', 4)).toBe('漢  ');
});
