import { expect, test } from 'vitest';
import type { ListedRelease } from '../../matrices/expand-pins.ts';
import type { Matrix, MatrixPin } from '../../matrices/matrix.ts';
import { followedBy, type Follower } from './follow.ts';
import { nightMatrix, type Ahead } from './night-matrix.ts';

const released = (...days: readonly (readonly [string, string])[]): readonly ListedRelease[] =>
  days.map(([version, day]) => ({ version, uploadedAt: `${day}T12:00:00Z`, yanked: false }));

/** As they came out in the winter of 2025. */
const releases: Readonly<Record<string, readonly ListedRelease[]>> = {
  peft: released(['0.17.1', '2025-08-21'], ['0.18.0rc0', '2025-11-07'], ['0.18.0', '2025-11-13']),
  torch: released(['2.9.1', '2025-11-12']),
  transformers: released(['4.57.1', '2025-10-14'], ['5.0.0rc0', '2025-12-01'], ['5.0.0rc1', '2025-12-11']),
  accelerate: released(['1.12.0rc0', '2025-11-10'], ['1.12.0', '2025-11-21']),
};

const matrixOf = (...pins: readonly Partial<MatrixPin>[]): Matrix => ({
  name: 'stack',
  pins: pins.map((pin, index) => ({ device: 'cpu', place: `stack.yaml:${index + 1}:1`, ...pin })),
  axes: {},
  strength: 2,
  seed: 1,
  budget: { cells: 10, minutes: 10 },
});

/** What is pinned on a day: PEFT, what of its companions, and what is taken from a branch. */
const pinnedOn = async (
  day: string,
  wanted: Matrix,
  prereleases = true,
  main: Ahead['main'] = [],
): Promise<readonly string[]> => {
  const { matrix } = await nightMatrix(wanted, day, async (name) => releases[name] ?? [], { prereleases, main });
  return matrix.pins.map(({ tree, ...pin }) =>
    [
      ...(['peft', 'torch', 'transformers', 'accelerate'] as const).flatMap((name) =>
        pin[name] === undefined ? [] : [`${name} ${pin[name]}`],
      ),
      ...(tree === undefined ? [] : [`${tree.commit} of ${tree.package}`]),
    ].join(', '),
  );
};

test('the newest PEFT is tried with each pre-release that is out and has no final release yet', async () => {
  const matrix = matrixOf({ peft: '0.17.1' });
  expect(await pinnedOn('2025-12-12', matrix)).toEqual([
    'peft 0.17.1',
    'peft >0.17.1',
    'peft 0.18.0, transformers 5.0.0rc1',
  ]);
  expect(await pinnedOn('2025-12-05', matrix)).toContain('peft 0.18.0, transformers 5.0.0rc0');
  expect(await pinnedOn('2025-11-11', matrix)).toContain('peft 0.18.0rc0, accelerate 1.12.0rc0');
  expect(await pinnedOn('2025-11-30', matrix)).toEqual(['peft 0.17.1', 'peft >0.17.1']);
  expect(await pinnedOn('2025-12-12', matrix, false)).toEqual(['peft 0.17.1', 'peft >0.17.1']);
});

test('the newest PEFT is tried with the main branches that are wanted, once for each', async () => {
  const matrix = matrixOf({ peft: '0.17.1' }, { peft: '0.17.1', asOf: 'release' });
  const main = [{ package: 'peft' }, { package: 'transformers', git: '/repositories/transformers' }];
  expect(await pinnedOn('2025-12-12', matrix, false, main)).toEqual([
    'peft 0.17.1',
    'peft 0.17.1',
    'peft >0.17.1',
    'peft 0.18.0, main of peft',
    'peft 0.18.0, main of transformers',
  ]);
});

test('a tree that the matrix names is no release after which newer ones come', async () => {
  const tree = { package: 'peft', commit: 'v0.18.0' };
  expect(await pinnedOn('2025-12-12', matrixOf({ peft: '0.17.1', tree }), false)).toEqual([
    'peft 0.17.1, v0.18.0 of peft',
  ]);
});

test('a pin that says what it wants of a companion gets no other, and one of the day of its PEFT none', async () => {
  const wants = async (transformers: string): Promise<readonly string[]> =>
    (await pinnedOn('2025-12-12', matrixOf({ peft: '0.18.0', transformers }))).filter((pin) => pin.endsWith('rc1'));
  expect(await wants('4.57.1')).toEqual([]);
  expect(await wants('<5')).toEqual([]);
  expect(await wants('>=4.57')).toEqual(['peft 0.18.0, transformers 5.0.0rc1']);
  expect(await pinnedOn('2025-12-12', matrixOf({ peft: '0.18.0', asOf: 'release' }))).toEqual(['peft 0.18.0']);
});

test('of a range the newest release is tried, on each device', async () => {
  const pins = await pinnedOn(
    '2025-12-12',
    matrixOf({ peft: '>=0.17' }, { peft: '0.17.1', device: 'cuda', torch: '2.9.1' }),
  );
  expect(pins.slice(2)).toEqual([
    'peft >0.17.1, torch 2.9.1',
    'peft 0.18.0, transformers 5.0.0rc1',
    'peft 0.18.0, torch 2.9.1, transformers 5.0.0rc1',
  ]);
});

const pin = (id: string, peft: string, transformers: string): Follower => ({
  id,
  device: 'cpu',
  versions: { peft, transformers },
});

test('with a pre-release it is compared with the same PEFT before, not with the one before it', () => {
  const before = [
    pin('peft-0.17.1', '0.17.1', '4.57.1'),
    pin('peft-0.18.0', '0.18.0', '4.57.1'),
    pin('peft-0.18.0-transformers-5.0.0rc0', '0.18.0', '5.0.0rc0'),
  ];
  const tonight = pin('peft-0.18.0-transformers-5.0.0rc1', '0.18.0', '5.0.0rc1');
  expect(followedBy(tonight, before)).toBe('peft-0.18.0');
  expect(followedBy(tonight, [...before, tonight])).toBe(tonight.id);
  expect(followedBy(tonight, before.slice(0, 1))).toBe('peft-0.17.1');
});
