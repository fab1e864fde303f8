import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { buildAhead } from './build-ahead.ts';

/** Builds that end when they are told to. */
const builds = (): {
  readonly build: (index: number, signal: AbortSignal) => Promise<void>;
  readonly begun: readonly number[];
  readonly givenUp: readonly number[];
  readonly end: (index: number) => Promise<void>;
} => {
  const begun: number[] = [];
  const givenUp: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    begun,
    givenUp,
    build: (index, signal) => {
      begun.push(index);
      return new Promise((resolve, reject) => {
        ends.set(index, resolve);
        signal.addEventListener('abort', () => {
          givenUp.push(index);
          reject(signal.reason);
        });
      });
    },
    end: async (index) => {
      await turn();
      ends.get(index)?.();
      await turn();
    },
  };
};

test('nothing is built ahead before all of the round are built, then one at a time, a few at most', async () => {
  const { build, begun, end } = builds();
  await using ahead = buildAhead(build);
  ahead.onRound([1, 2], [3, 4, 5, 6]);
  const both = [ahead.build(1), ahead.build(2)];
  await end(1);
  expect(begun).toEqual([1, 2]);
  await end(2);
  await Promise.all(both);
  expect(begun).toEqual([1, 2, 3]);
  await end(3);
  await end(4);
  await end(5);
  expect(begun).toEqual([1, 2, 3, 4, 5]);
});

test('what the next round asks is not built a second time, what it does not ask is given up', async () => {
  const { build, begun, givenUp, end } = builds();
  await using ahead = buildAhead(build);
  ahead.onRound([1], [2, 3]);
  const first = ahead.build(1);
  await end(1);
  await first;
  ahead.onRound([2], [7]);
  const second = ahead.build(2);
  await turn();
  expect(begun).toEqual([1, 2]);
  await end(2);
  await second;
  expect(givenUp).toEqual([]);
  expect(begun).toEqual([1, 2, 7]);
  ahead.onRound([8], []);
  expect(givenUp).toEqual([7]);
});

test('what is under way at the end is given up', async () => {
  const { build, givenUp, end } = builds();
  {
    await using ahead = buildAhead(build);
    ahead.onRound([1], [2]);
    const first = ahead.build(1);
    await end(1);
    await first;
  }
  expect(givenUp).toEqual([2]);
});
