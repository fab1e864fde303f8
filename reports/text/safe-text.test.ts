import { fc, test } from '@fast-check/vitest';
import { expect, test as example } from 'vitest';
import { hostileText } from '../fixtures/hostile.ts';
import { manyLines, oneLine } from './safe-text.ts';

const unwanted = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

test.prop([hostileText, fc.integer({ min: 1, max: 50 })], { seed: 1 })(
  'one line is one line, harmless and short',
  (text, limit) => {
    const shown = oneLine(text, limit);
    expect(shown).not.toMatch(unwanted);
    expect(shown).not.toMatch(/\p{M}{3}|^\s|\s$/u);
    expect(shown.length).toBeLessThanOrEqual(limit);
  },
);

test.prop([hostileText], { seed: 1 })('cleaning what is clean changes nothing', (text) => {
  expect(oneLine(oneLine(text))).toBe(oneLine(text));
});

test.prop([hostileText], { seed: 1 })('many lines are harmless, few and short', (text) => {
  const lines = manyLines(text, 5, 20);
  expect(lines.length).toBeLessThanOrEqual(6);
  expect(lines.join('')).not.toMatch(unwanted);
  expect(Math.max(...lines.slice(0, 5).map((line) => line.length))).toBeLessThanOrEqual(20);
});

example.each([
  ['plain text stays', 'plain text stays'],
  ['\u001B[1;31mred\u001B[0m', 'red'],
  ['\u001B]8;;https://x\u0007link\u001B]8;;\u0007', 'link'],
  ['a\r\nb\tc', 'a b c'],
  ['abc\u202Edef', 'abcdef'],
  ['naïve 漢字 — `x`', 'naïve 漢字 — `x`'],
])('%j is shown as %j', (text, shown) => {
  expect(oneLine(text)).toBe(shown);
});

example('a megabyte is cut, and so said', () => {
  expect(oneLine('x'.repeat(1_000_000))).toHaveLength(1000);
  expect(manyLines('x\n'.repeat(500_000))).toHaveLength(41);
  expect(manyLines('x'.repeat(1_000_000)).at(-1)).toContain('cut');
});
