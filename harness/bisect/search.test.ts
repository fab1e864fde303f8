import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { InfrastructureError, InputError } from '../../matrices/errors.ts';
import type { Answer } from './answer.ts';
import { search, type Found, type SearchOptions } from './search.ts';

const good: Answer = { kind: 'good' };
const bad: Answer = { kind: 'bad', detail: 'IndexError' };
const broken: Answer = { kind: 'skip', cause: 'broken', reason: 'does not resolve' };

/** What each release would answer, oldest first. */
type History = readonly Answer[];

const run = (history: History, options: Partial<SearchOptions> & Pick<SearchOptions, 'bad'>): Promise<Found> =>
  search({
    size: history.length,
    towards: 'older',
    workers: 1,
    ask: (index) => Promise.resolve(history[index] ?? broken),
    nameOf: (index) => `release ${index}`,
    ...options,
  });

const countAsked = ({ asked }: Found): number => asked.filter(({ how }) => how === 'asked').length;

/** Good up to a release, bad from it on. */
const monotone = fc
  .integer({ min: 2, max: 400 })
  .chain((size) => fc.tuple(fc.constant(size), fc.integer({ min: 1, max: size - 1 })))
  .map(([size, first]) => Array.from({ length: size }, (_, index) => (index < first ? good : bad)));

/** Good and bad in any order, from a good one to a bad one. */
const anyHistory = fc
  .array(fc.constantFrom(good, bad), { maxLength: 60 })
  .map((between): History => [good, ...between, bad]);

const withSkips = fc
  .array(fc.constantFrom(good, bad, broken, broken), { maxLength: 60 })
  .map((between): History => [good, ...between, bad]);

const workers = fc.integer({ min: 1, max: 6 });

const last = (history: History): number => history.length - 1;

/** Both sides answer as the change says, and nothing between them could have been asked. */
const expectTrue = (history: History, { changes }: Found): void => {
  for (const { kind, before, after, skipped } of changes) {
    expect([history[before]?.kind, history[after]?.kind]).toEqual(
      kind === 'introduced' ? ['good', 'bad'] : ['bad', 'good'],
    );
    expect(skipped).toHaveLength(after - before - 1);
    expect(skipped.filter((index) => history[index]?.kind !== 'skip')).toEqual([]);
  }
};

describe('bounds', () => {
  test.prop([monotone])('one worker, both ends: log2 n asks beside the ends', async (history) => {
    const found = await run(history, { bad: last(history), good: 0 });
    expect(countAsked(found)).toBeLessThanOrEqual(Math.ceil(Math.log2(history.length)) + 2);
    expect(found.changes).toMatchObject([{ kind: 'introduced', after: history.indexOf(bad) }]);
  });

  test.prop([anyHistory])('one worker, both ends: the same when history is not monotone', async (history) => {
    const found = await run(history, { bad: last(history), good: 0 });
    expect(countAsked(found)).toBeLessThanOrEqual(Math.ceil(Math.log2(history.length)) + 2);
  });

  test.prop([monotone])('one worker, from the failing end alone: twice that', async (history) => {
    const found = await run(history, { bad: last(history) });
    expect(countAsked(found)).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(history.length)) + 2);
    expect(found.changes).toMatchObject([{ kind: 'introduced', after: history.indexOf(bad) }]);
  });

  test.prop([monotone, workers])('k workers: rounds within one of log_{k+1} n', async (history, width) => {
    const found = await run(history, { bad: last(history), good: 0, workers: width });
    // One worker proves the two ends one after the other.
    const ends = width === 1 ? 2 : 1;
    const least = Math.ceil(Math.log(history.length) / Math.log(width + 1) - 1e-9);
    expect(found.rounds).toBeLessThanOrEqual(least + ends);
    expect(found.changes).toMatchObject([{ kind: 'introduced', after: history.indexOf(bad) }]);
  });

  test.prop([monotone, workers])(
    'never more at once than there are workers, and nothing twice',
    async (history, width) => {
      const seen: number[] = [];
      await run(history, {
        bad: last(history),
        workers: width,
        onRound: (now) => {
          expect(now.length).toBeLessThanOrEqual(width);
          seen.push(...now);
        },
      });
      expect(new Set(seen).size).toBe(seen.length);
    },
  );
});

describe('the answer', () => {
  test.prop([anyHistory, workers, fc.boolean()])('is a true change point', async (history, width, isOneEnded) => {
    const found = await run(history, { bad: last(history), workers: width, ...(isOneEnded ? {} : { good: 0 }) });
    expect(found.changes.length).toBeGreaterThan(0);
    expectTrue(history, found);
    expect(found.changes.flatMap(({ skipped }) => skipped)).toEqual([]);
  });

  test.prop([anyHistory, workers])('of --find-fix is a true repair', async (history, width) => {
    const reversed = history.toReversed();
    const found = await run(reversed, { bad: 0, towards: 'newer', workers: width });
    expect(found.changes.some(({ kind }) => kind === 'fixed')).toBe(true);
    expectTrue(reversed, found);
  });

  test.prop([withSkips, workers])('with skips is a range that holds one, and only skips', async (history, width) => {
    const found = await run(history, { bad: last(history), good: 0, workers: width });
    expect(found.changes.length).toBeGreaterThan(0);
    expectTrue(history, found);
  });

  test.prop([withSkips, workers])('alternates: introduced, fixed, introduced', async (history, width) => {
    const { changes } = await run(history, { bad: last(history), good: 0, workers: width });
    const kinds = changes.map(({ kind }) => kind);
    expect(kinds.filter((kind, place) => kind === kinds[place - 1])).toEqual([]);
    expect(kinds.at(-1)).toBe('introduced');
  });

  test.prop([withSkips, workers, fc.infiniteStream(fc.boolean())])(
    'shows every change that what is known shows, narrowed down',
    async (history, width, stream) => {
      const isKnown = history.map(() => stream.next().value);
      const known = (index: number): Answer | undefined => (isKnown[index] === true ? history[index] : undefined);
      const found = await run(history, { bad: last(history), good: 0, workers: width, known });
      expectTrue(history, found);
      const decided = history.map((_, index) => known(index)?.kind).filter((kind) => kind === 'good' || kind === 'bad');
      const shown = ['good', ...decided, 'bad'].filter((kind, place, all) => place > 0 && kind !== all[place - 1]);
      expect(found.changes.length).toBeGreaterThanOrEqual(shown.length);
      const askedAgain = found.asked.filter(({ how, index }) => how === 'asked' && isKnown[index] === true);
      expect(askedAgain).toEqual([]);
    },
  );
});

test('a wide gap of skips does not have to be crossed one by one', async () => {
  const history = Array.from({ length: 200 }, (_, index) => (index < 30 ? good : bad));
  const holey = history.map((answer, index) => (index >= 80 && index < 120 ? broken : answer));
  const found = await run(holey, { bad: 199, good: 0 });
  expect(found.changes).toMatchObject([{ before: 29, after: 30 }]);
  expect(countAsked(found)).toBeLessThan(25);
});

describe('from the failing end alone', () => {
  test.prop([fc.nat(40), fc.nat(40), fc.integer({ min: 1, max: 40 }), workers])(
    'a good one is found before the releases that do not offer it',
    async (before, goods, bads, width) => {
      const history = [
        ...Array.from({ length: before }, () => broken),
        ...Array.from({ length: goods }, () => good),
        ...Array.from({ length: bads }, () => bad),
      ];
      const found = await run(history, { bad: last(history), workers: width });
      expectTrue(history, found);
      expect(found.changes).toHaveLength(goods === 0 ? 0 : 1);
      // Where there is none, it has gone back to the first that could be asked.
      expect(goods > 0 || found.answers.get(before)?.kind === 'bad').toBe(true);
    },
  );

  test('bad everywhere is no change point, and costs no more than the strides', async () => {
    const found = await run(
      Array.from({ length: 64 }, () => bad),
      { bad: 63 },
    );
    expect(found.changes).toEqual([]);
    expect(countAsked(found)).toBe(7);
  });
});

describe('an end that is not what it is said to be', () => {
  test.each([
    [[bad, bad], /release 0 .* is bad: IndexError$/u, InputError],
    [[good, good], /^release 1 .* is good$/u, InputError],
    [[good, broken], /^release 1 .* cannot be asked \(broken\): does not resolve$/u, InfrastructureError],
  ] as const)('%j', async (history, words, kind) => {
    const refused = run(history, { bad: 1, good: 0 });
    await expect(refused).rejects.toThrow(kind);
    await expect(refused).rejects.toThrow(words);
  });
});

describe('confirming', () => {
  test.prop([anyHistory, workers])('asks both sides of every change once more', async (history, width) => {
    const confirm = (index: number): Promise<Answer> => Promise.resolve(history[index] ?? broken);
    const found = await run(history, { bad: last(history), good: 0, workers: width, confirm });
    const again = found.asked.filter(({ how }) => how === 'confirmed').map(({ index }) => index);
    expect(new Set(again)).toEqual(new Set(found.changes.flatMap(({ before, after }) => [before, after])));
    expect(new Set(again).size).toBe(again.length);
    expect(found.changes.every(({ isConfirmed }) => isConfirmed)).toBe(true);
  });

  test.prop([anyHistory, workers, fc.infiniteStream(fc.boolean())])(
    'one that comes to something else is flaky, and the search goes on',
    async (history, width, stream) => {
      const isFlaky = history.map(() => stream.next().value);
      const confirm = (index: number): Promise<Answer> =>
        Promise.resolve(
          isFlaky[index] === true ? (history[index]?.kind === 'bad' ? good : bad) : (history[index] ?? bad),
        );
      const found = await run(history, { bad: last(history), good: 0, workers: width, confirm });
      const honest = history.map((answer, index): Answer =>
        found.answers.get(index)?.kind === 'skip' ? broken : answer,
      );
      expectTrue(honest, found);
      expect(found.changes.flatMap(({ before, after }) => [before, after]).filter((index) => isFlaky[index])).toEqual(
        [],
      );
      const skipped = [...found.answers].filter(([, { kind }]) => kind === 'skip').map(([index]) => index);
      expect(skipped.filter((index) => isFlaky[index] !== true)).toEqual([]);
    },
  );

  test('a second run that could not be had leaves the change unconfirmed', async () => {
    const found = await run([good, bad], { bad: 1, good: 0, confirm: () => Promise.resolve(broken) });
    expect(found.changes).toMatchObject([{ before: 0, after: 1, isConfirmed: false }]);
  });
});

test.prop([monotone, workers])('what may be asked next is told before it is asked', async (history, width) => {
  const told: (readonly number[])[] = [];
  await run(history, {
    bad: last(history),
    good: 0,
    workers: width,
    onRound: (now, next) => {
      const before = told.at(-1) ?? [];
      // The rounds that prove the ends tell nothing.
      if (before.length > 0) expect(now.filter((index) => !before.includes(index))).toEqual([]);
      told.push(next);
    },
  });
  expect(told.length).toBeGreaterThan(0);
});

test('what stops an ask stops the search, once the others have ended', async () => {
  let ended = false;
  const ask = async (index: number): Promise<Answer> => {
    if (index === 0) throw new Error('stopped');
    await Promise.resolve();
    ended = true;
    return bad;
  };
  await expect(run([good, bad], { bad: 1, good: 0, workers: 2, ask })).rejects.toThrow('stopped');
  expect(ended).toBe(true);
});
