import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText } from '../fixtures/hostile.ts';
import { manyLines, oneLine } from './safe-text.ts';

const unwanted = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

test('one line is one line, harmless and short', () => {
  fc.assert(
    fc.property(hostileText, fc.integer({ min: 1, max: 50 }), (text, limit) => {
      const shown = oneLine(text, limit);
      expect(shown).not.toMatch(unwanted);
      expect(shown).not.toMatch(/\p{M}{3}|^\s|\s$/u);
      expect(shown.length).toBeLessThanOrEqual(limit);
    }),
    { seed: 1 },
  );
});

test('cleaning what is clean changes nothing', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      expect(oneLine(oneLine(text))).toBe(oneLine(text));
    }),
    { seed: 1 },
  );
});

test('many lines are harmless, few and short', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const lines = manyLines(text, 5, 20);
      expect(lines.length).toBeLessThanOrEqual(6);
      expect(lines.join('')).not.toMatch(unwanted);
      expect(Math.max(...lines.slice(0, 5).map((line) => line.length))).toBeLessThanOrEqual(20);
    }),
    { seed: 1 },
  );
});

test.each([
  ['plain text stays', 'plain text stays'],
  ['\u001B[1;31mred\u001B[0m', 'red'],
  ['\u001B]8;;https://x\u0007link\u001B]8;;\u0007', 'link'],
  ['a\r\nb\tc', 'a b c'],
  ['abc\u202Edef', 'abcdef'],
  ['naïve 漢字 — `x`', 'naïve 漢字 — `x`'],
])('%j is shown as %j', (text, shown) => {
  expect(oneLine(text)).toBe(shown);
});

test('a megabyte is cut, and so said', () => {
  expect(oneLine('x'.repeat(1_000_000))).toHaveLength(1000);
  expect(manyLines('x\n'.repeat(500_000))).toHaveLength(41);
  expect(manyLines('x'.repeat(1_000_000)).at(-1)).toContain('cut');
});
