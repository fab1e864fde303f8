import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText } from '../fixtures/hostile.ts';
import { visibleLine, visibleText } from './visible-text.ts';

test.each([
  ['\u001B[31mred', '␛[31mred'],
  ['a\u0000b\u007F', 'a␀b␡'],
  ['abc\u202Edef', 'abc<U+202E>def'],
  ['a\uD800b', 'a\uFFFDb'],
  ['\uFFFE', '<U+FFFE>'],
  ['one\r\ntwo\rthree\n\tfour', 'one\ntwo\nthree\n\tfour'],
  ['naïve 漢字 👍', 'naïve 漢字 👍'],
])('%j is shown as %j', (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test('nothing is hidden, and nothing but tabs and line feeds acts', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const shown = visibleText(text, 100_000);
      expect(shown.replaceAll(/[\t\n]/gu, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u);
      const isHidden = /[\p{Cc}\p{Cf}]/u.test(text.replaceAll(/[\t\n\r]/gu, ''));
      expect(!isHidden || /[\u2400-\u2421]|<U\+/u.test(shown)).toBe(true);
      expect(visibleLine(text, 100_000)).not.toMatch(/[\t\n]|^ | $/u);
    }),
  );
});

test('what is cut off is said', () => {
  expect(visibleText('x'.repeat(10_000_000), 10)).toBe(`${'x'.repeat(10)}\n… (cut: 9999990 more characters)`);
  expect(visibleLine('x'.repeat(10_000_000), 10)).toBe(`${'x'.repeat(10)}…`);
});
