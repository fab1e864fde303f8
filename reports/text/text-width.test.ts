import { fc, test } from '@fast-check/vitest';
import { expect, test as example } from 'vitest';
import { hostileText } from '../fixtures/hostile.ts';
import { oneLine } from './safe-text.ts';
import { cutToWidth, padEndToWidth, textWidth, wrapWords } from './text-width.ts';

example.each([
  ['abc', 3],
  ['漢字', 4],
  ['e\u0301', 1],
  ['👍', 2],
  ['█░…─', 4],
])('%s takes %i columns', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

test.prop([hostileText, fc.integer({ min: 0, max: 40 })], { seed: 1 })(
  'cut text fits, and what fits is not cut',
  (hostile, width) => {
    const text = oneLine(hostile);
    const cut = cutToWidth(text, width);
    expect(textWidth(cut)).toBeLessThanOrEqual(width);
    if (textWidth(text) <= width) expect(cut).toBe(text);
    else if (width > 0) expect(cut).toMatch(/…$/u);
  },
);

test.prop([fc.array(fc.stringMatching(/^[a-z=]{1,9}$/u), { minLength: 1 }), fc.integer({ min: 9, max: 40 })], {
  seed: 1,
})('wrapping loses no word and keeps to the width', (words, width) => {
  const lines = wrapWords(words.join(' '), width);
  expect(lines.join(' ')).toBe(words.join(' '));
  expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(width);
});

example('a word that is too long stays whole on a line of its own', () => {
  expect(wrapWords('ab https://example.org/long cd', 8)).toEqual(['ab', 'https://example.org/long', 'cd']);
});

example('padding counts columns, not characters', () => {
  expect(padEndToWidth('漢', 4)).toBe('漢  ');
});
