import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SupportState } from './support-matrix-model.ts';
import { supportStates } from './support-matrix-model.ts';
import { compareReleases, supportRanges } from './support-ranges.ts';

const rangesOf = (states: Readonly<Record<string, SupportState>>): readonly string[] =>
  supportRanges(Object.keys(states), (release) => states[release] ?? 'unknown').map(
    ({ state, interval }) => `${interval} ${state}`,
  );

test('releases with the same state are one range', () => {
  expect(rangesOf({ '0.8.2': 'not-offered', '0.9.0': 'works', '0.10.0': 'works', '0.11.1': 'fails' })).toEqual([
    '[0.8.2] not-offered',
    '[0.9.0, 0.10.0] works',
    '[0.11.1] fails',
  ]);
});

test('a gap of unknown keeps two ranges of the same state apart', () => {
  expect(rangesOf({ '0.8.2': 'works', '0.9.0': 'unknown', '0.10.0': 'works' })).toEqual([
    '[0.8.2] works',
    '[0.9.0] unknown',
    '[0.10.0] works',
  ]);
});

test('so do releases that are no column, because nobody ran them', () => {
  expect(rangesOf({ '0.8.2': 'works', '0.21.2': 'works' })).toEqual([
    '[0.8.2] works',
    '(0.8.2, 0.21.2) unknown',
    '[0.21.2] works',
  ]);
  expect(rangesOf({ '0.21.1': 'works', '0.21.2': 'works', '1.0.0': 'works' })).toEqual(['[0.21.1, 1.0.0] works']);
  expect(rangesOf({ '0.21.2': 'works', '1.1.0': 'works' })).toHaveLength(3);
  expect(rangesOf({ '0.8.2': 'unknown', '0.21.2': 'unknown' })).toEqual(['[0.8.2, 0.21.2] unknown']);
});

const history = fc.array(fc.constantFrom(...supportStates), { maxLength: 20 });

test('ranges hold every release once, in order, under its own state, and neighbours differ', () => {
  fc.assert(
    fc.property(
      history,
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 20, maxLength: 20 }),
      (states, steps) => {
        let minor = 0;
        const releases = states.map((_, index) => `0.${(minor += steps[index] ?? 1)}.0`);
        const ranges = supportRanges(releases, (release) => states[releases.indexOf(release)] ?? 'unknown');
        expect(ranges.flatMap((range) => range.releases)).toEqual(releases);
        for (const { state, releases: within } of ranges) {
          expect(within.every((release) => states[releases.indexOf(release)] === state)).toBe(true);
          // Only releases that nobody ran have no column.
          expect(within.length > 0 || state === 'unknown').toBe(true);
        }
        for (const { state, releases: within } of ranges) {
          if (state === 'unknown') continue;
          expect(within.slice(1).some((release, index) => isApart(within[index] ?? '', release))).toBe(false);
        }
        const neighbours = ranges.slice(1).map((range, index) => [ranges[index]?.state, range.state]);
        expect(neighbours.find(([left, right]) => left === right && left !== 'unknown')).toBe(undefined);
      },
    ),
  );
});

/** A minor release lies between them. */
const isApart = (left: string, right: string): boolean => Number(right.split('.')[1]) - Number(left.split('.')[1]) > 1;

test('releases are ordered as versions, not as text', () => {
  expect(['0.9.0', '0.21.2', 'main', '0.10.0', '0.22.0.dev0', '0.22.0'].toSorted(compareReleases)).toEqual([
    '0.9.0',
    '0.10.0',
    '0.21.2',
    '0.22.0.dev0',
    '0.22.0',
    'main',
  ]);
});
