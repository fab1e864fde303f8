import { expect, test } from 'vitest';
import { finalRelease, isAtLeast, matchesVersions } from './versions.ts';

test.each([
  ['0.21.2', '>=0.12', true],
  ['0.11.1', '>=0.12', false],
  ['0.12.0rc1', '>=0.12', true],
  ['0.12.0.dev0', '<0.12', false],
  ['2.13.0+cpu', '==2.13.0', true],
  ['2.6.0a0+git1', '>=2.6', true],
])('%s in %s: %s', (version, range, expected) => {
  expect(matchesVersions({ peft: range }, { peft: version })).toBe(expected);
});

test('a package that is not installed is in no range', () => {
  expect(matchesVersions({ bitsandbytes: '>=0' }, { peft: '0.21.2' })).toBe(false);
});

test('a development version counts as the release that it leads to', () => {
  expect([finalRelease('0.22.0.dev3+abc'), isAtLeast('0.22.0.dev3', '0.22.0')]).toEqual(['0.22.0', true]);
});
