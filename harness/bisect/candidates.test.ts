import { fc, test } from '@fast-check/vitest';
import { compare } from '@renovatebot/pep440';
import { describe, expect } from 'vitest';
import type { ListedRelease } from '../../matrices/expand-pins.ts';
import { candidatesOf, type Range } from './candidates.ts';

const release = (version: string, yanked = false): ListedRelease => ({
  version,
  uploadedAt: '2024-01-01T00:00:00Z',
  yanked,
});

const releases = ['0.8.0', '0.9.0', '0.10.0', '0.11.0rc1', '0.11.0', '0.12.0', '0.13.0'].map((version) =>
  release(version, version === '0.10.0'),
);

const rangeOf = (range: Partial<Range>): Range => ({
  package: 'peft',
  found: '0.12.0',
  prereleases: false,
  findFix: false,
  ...range,
});

const versionsOf = (range: Partial<Range>): readonly string[] =>
  candidatesOf(releases, rangeOf(range)).candidates.map(({ version }) => version);

test('final releases that were not withdrawn, oldest first', () => {
  expect(versionsOf({})).toEqual(['0.8.0', '0.9.0', '0.11.0', '0.12.0', '0.13.0']);
  expect(versionsOf({ prereleases: true })).toEqual(['0.8.0', '0.9.0', '0.11.0rc1', '0.11.0', '0.12.0', '0.13.0']);
  expect(versionsOf({ from: '0.9', to: '0.12.0' })).toEqual(['0.9.0', '0.11.0', '0.12.0']);
});

test('the version where it was found is among them, whatever it is', () => {
  expect(candidatesOf(releases, rangeOf({ found: '0.11.1.dev0' }))).toMatchObject({
    candidates: [{ version: '0.8.0' }, { version: '0.9.0' }, { version: '0.11.0' }, { version: '0.11.1.dev0' }, {}, {}],
    bad: 3,
  });
  expect(versionsOf({ found: '0.12.0', bad: '0.13.0', good: '0.10.0' })).toContain('0.10.0');
});

test('a version that is spelled otherwise is the release that there is', () => {
  const { candidates, good } = candidatesOf(releases, rangeOf({ good: 'v0.9', bad: '0.13.0.0' }));
  expect(candidates.map(({ version }) => version)).toEqual(versionsOf({}));
  expect(candidates[good ?? -1]?.version).toBe('0.9.0');
});

test.prop([fc.constantFrom('0.8.0', '0.9.0', '0.11.0', '0.13.0'), fc.boolean()])(
  'a good end that is older leads to the older ones, a newer one to the newer ones',
  (good, findFix) => {
    const isNewer = compare(good, '0.12.0') > 0;
    fc.pre(isNewer || !findFix);
    const { candidates, good: place, bad, towards } = candidatesOf(releases, rangeOf({ good, findFix }));
    expect(candidates[place ?? -1]?.version).toBe(good);
    expect(candidates[bad]?.version).toBe('0.12.0');
    expect(towards).toBe(isNewer ? 'newer' : 'older');
  },
);

describe('refused', () => {
  test.each([
    [{ good: '0.12.0' }, '0.12.0 cannot be the good and the bad end'],
    [{ good: '0.7.0' }, '--good 0.7.0: there is no peft 0.7.0. Nearest: 0.8.0; the index has 6 releases'],
    [{ good: '0.9.0', findFix: true }, '--find-fix looks for a good release that is newer than 0.12.0'],
    [{ from: '0.13.0', to: '0.8.0' }, '--from 0.13.0 is newer than --to 0.8.0: no release of peft lies between them'],
    [{ from: '0.13.0' }, '--from 0.13.0 leaves out 0.12.0 (where it was found). Allowed: 0.12.0 or older'],
    [{ to: '0.11.0' }, '--to 0.11.0 leaves out 0.12.0 (where it was found). Allowed: 0.12.0 or newer'],
    [{ bad: '0.11.0', to: '0.9.0' }, '--to 0.9.0 leaves out 0.11.0 (--bad). Allowed: 0.11.0 or newer'],
    [{ good: '0.8.0', from: '0.9.0' }, '--from 0.9.0 leaves out 0.8.0 (--good). Allowed: 0.8.0 or older'],
  ])('%j', (range, words) => {
    expect(() => candidatesOf(releases, rangeOf(range))).toThrow(words);
  });
});
