import { fc, test } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { emptyRepository, writeHistory } from '../../containers/git/fixtures/made-up-history.ts';
import type { Repository } from '../../containers/git/repository.ts';
import { InputError } from '../../matrices/errors.ts';
import { neverAborted } from '../interruption.ts';
import type { Answer } from './answer.ts';
import type { AskCommit, Find } from './commit-asker.ts';
import { bisectCommits, type CommitEvent, type CommitFinding } from './commits.ts';

/** A commit, what it answers, and what it would answer if it could be asked. */
interface Commit {
  readonly parents: readonly number[];
  readonly isBad: boolean;
  readonly isSkipped?: boolean;
  readonly message?: string;
}

let repository: Repository;
const clean: (() => Promise<void>)[] = [];
beforeAll(async () => {
  repository = await emptyRepository((each) => clean.push(each));
});
afterAll(async () => {
  for (const each of clean) await each();
});

const answerOf = ({ isBad, isSkipped = false }: Commit): Answer => {
  if (isSkipped) return { kind: 'skip', cause: 'broken', reason: 'does not build' };
  return isBad ? { kind: 'bad', detail: 'ValueError: no' } : { kind: 'good' };
};

interface Bisected {
  readonly finding: CommitFinding;
  /** Positions. */
  readonly candidates: readonly number[];
  readonly parent: number;
  readonly asks: number;
  /** How many times the asking stood still before more was asked. */
  readonly rounds: number;
  readonly events: readonly CommitEvent[];
}

interface Ends {
  readonly from: number;
  readonly to: number;
  readonly find?: Find;
  readonly workers?: number;
}

const bisect = async (
  commits: readonly Commit[],
  { from, to, find = 'break', workers = 1 }: Ends,
): Promise<Bisected> => {
  const made = commits.map(({ parents, message }, position) => ({
    parents,
    files: { position: String(position) },
    ...(message === undefined ? {} : { message }),
  }));
  const hashes = await writeHistory(repository, made);
  const position = (hash: string | undefined): number => (hash === undefined ? -1 : hashes.indexOf(hash));
  const hash = (at: number): string => hashes[at] ?? '';
  const events: CommitEvent[] = [];
  let asks = 0;
  let rounds = 0;
  let pending = 0;
  const ask: AskCommit = async (asked) => {
    asks += 1;
    if (pending === 0) rounds += 1;
    pending += 1;
    await new Promise(setImmediate);
    pending -= 1;
    const commit = commits[position(asked)];
    if (commit === undefined) throw new Error(`${asked} is not of this history`);
    return answerOf(commit);
  };
  const [good, bad] = find === 'break' ? [from, to] : [to, from];
  const finding = await bisectCommits({
    repository,
    good: hash(good),
    bad: hash(bad),
    find,
    ask,
    workers,
    onEvent: (event) => events.push(event),
    signal: neverAborted,
  });
  return {
    finding,
    candidates: finding.candidates.map((commit) => position(commit.hash)),
    parent: position(finding.parent?.hash),
    asks,
    rounds,
    events,
  };
};

const linear = (verdicts: string): readonly Commit[] =>
  verdicts.split('').map((verdict, position) => ({
    parents: position === 0 ? [] : [position - 1],
    isBad: verdict === 'b',
    isSkipped: verdict === '?',
  }));

/** Histories with merges, commits that cannot be asked, and failures that come and go. */
const histories: fc.Arbitrary<readonly Commit[]> = fc
  .array(
    fc.record({
      back: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 3 }),
      takes: fc.nat({ max: 2 }),
      change: fc.oneof(
        { weight: 8, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(true, false) },
      ),
      isSkipped: fc.oneof({ weight: 6, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.boolean() }),
    }),
    { minLength: 2, maxLength: 24 },
  )
  .map((drawn) => {
    const commits: Commit[] = [];
    for (const [position, { back, takes, change, isSkipped }] of drawn.entries()) {
      const parents = position === 0 ? [] : [...new Set(back.map((by) => Math.max(0, position - 1 - by)))];
      const inherited = commits[parents[takes % Math.max(1, parents.length)] ?? -1]?.isBad ?? false;
      commits.push({ parents, isBad: change ?? inherited, isSkipped });
    }
    return commits;
  });

const ancestorsOf = (commits: readonly Commit[], position: number): ReadonlySet<number> => {
  const found = new Set<number>();
  const visit = (at: number): void => {
    for (const parent of commits[at]?.parents ?? []) {
      if (found.has(parent)) continue;
      found.add(parent);
      visit(parent);
    }
  };
  visit(position);
  return found;
};

/** All pairs of a commit and a descendant that answer differently. */
const pairsOf = (commits: readonly Commit[]): readonly Ends[] =>
  commits.flatMap((end, to) =>
    [...ancestorsOf(commits, to)].flatMap((from) => {
      const begin = commits[from];
      const usable = begin !== undefined && !(begin.isSkipped ?? false) && !(end.isSkipped ?? false);
      if (!usable || begin.isBad === end.isBad) return [];
      return [{ from, to, find: end.isBad ? ('break' as const) : ('fix' as const) }];
    }),
  );

describe('on random histories', () => {
  test.prop([histories, fc.nat(), fc.integer({ min: 1, max: 4 })], { numRuns: 500 })(
    'the answer is a true change, or a set of commits with one in it',
    async (commits, choice, workers) => {
      const pairs = pairsOf(commits);
      const ends = pairs[choice % Math.max(1, pairs.length)];
      fc.pre(ends !== undefined);
      const { finding, candidates, parent } = await bisect(commits, { ...ends, workers });
      const isAfter = (at: number): boolean => commits[at]?.isBad === (ends.find === 'break');
      const isSkipped = (at: number): boolean => commits[at]?.isSkipped === true;
      const asked = finding.asked.map(({ commit }) => commit.hash);
      expect(new Set(asked).size).toBe(asked.length);
      const [only = -1] = candidates;
      if (candidates.length === 1) {
        expect(isAfter(only) && !isSkipped(only)).toBe(true);
        expect(commits[only]?.parents).toContain(parent);
        expect(!isAfter(parent) && !isSkipped(parent)).toBe(true);
      } else {
        const changes = candidates.filter(
          (at) => isAfter(at) && commits[at]?.parents.some((each) => !isAfter(each)) === true,
        );
        expect(changes).not.toEqual([]);
        expect(candidates.some(isSkipped)).toBe(true);
      }
    },
    600_000,
  );
});

describe('on a line', () => {
  test.prop([fc.integer({ min: 2, max: 200 }), fc.nat(), fc.integer({ min: 1, max: 5 })], { numRuns: 40 })(
    'it needs no more asks and rounds than it must',
    async (length, choice, workers) => {
      const first = 1 + (choice % (length - 1));
      const commits = linear('g'.repeat(first) + 'b'.repeat(length - first));
      const { candidates, asks, rounds } = await bisect(commits, { from: 0, to: length - 1, workers });
      expect(candidates).toEqual([first]);
      const inTheory = Math.ceil(Math.log(length - 1) / Math.log(workers + 1) - 1e-9);
      const ends = workers === 1 ? 2 : 1;
      expect(rounds).toBeLessThanOrEqual(inTheory + 1 + ends);
      if (workers === 1) expect(asks).toBeLessThanOrEqual(Math.ceil(Math.log2(length - 1)) + 2);
    },
  );

  test('commits that cannot be asked are a set, with the one above them', async () => {
    const { candidates, finding } = await bisect(linear('gggg???bbbbb'), { from: 0, to: 11 });
    expect(candidates).toEqual([4, 5, 6, 7]);
    expect(finding.parent).toBeUndefined();
    expect(finding.asked.filter(({ answer }) => answer.kind === 'skip')).toHaveLength(3);
  });

  test('a long row of them away from the change is left soon, as git leaves it', async () => {
    const { candidates, asks } = await bisect(linear(`${'g'.repeat(20)}${'?'.repeat(30)}gggb${'b'.repeat(10)}`), {
      from: 0,
      to: 63,
    });
    expect(candidates).toEqual([53]);
    expect(asks).toBeLessThan(20);
  });

  test('a failure that comes, goes and comes again: the last time counts', async () => {
    const { candidates } = await bisect(linear('gggbbbggggggbb'), { from: 0, to: 13, workers: 20 });
    expect(candidates).toEqual([12]);
  });
});

describe('what it says', () => {
  const titled = [
    { parents: [], isBad: false },
    { parents: [0], isBad: false, message: 'Something else (#11)' },
    { parents: [0], isBad: true, message: 'Faster\n\nMuch faster.' },
    { parents: [1, 2], isBad: true, message: 'Merge pull request #12 from ann/faster' },
    { parents: [3], isBad: true },
  ];

  test('is the commit inside of the merge, with date, author, titles and pull requests', async () => {
    const { finding } = await bisect(titled, { from: 0, to: 4 });
    const commit = { author: 'Ann Author <ann@example.org>', title: 'Faster', date: '2023-11-14T22:15:20+00:00' };
    expect(finding.candidates).toMatchObject([commit]);
    expect(finding.candidates[0]).not.toHaveProperty('pullRequest');
    expect(finding.merges).toMatchObject([{ title: 'Merge pull request #12 from ann/faster', pullRequest: 12 }]);
    expect(finding.parent).toMatchObject({ title: 'commit 0' });
    expect(finding.asked.at(-1)).toMatchObject({ answer: { kind: 'bad' }, commit: { title: 'Faster' } });
  });

  test('is the merge itself when neither of its parents shows it', async () => {
    const commits = titled.map((commit, position) => ({ ...commit, isBad: position > 2 }));
    const { finding } = await bisect(commits, { from: 0, to: 4 });
    expect(finding.candidates).toMatchObject([{ pullRequest: 12 }]);
    expect(finding.merges).toEqual([]);
    expect(finding.parent).toMatchObject({ pullRequest: 11 });
  });

  test('while it goes on is each answer, and how much is left', async () => {
    const { events } = await bisect(linear('ggbbb'), { from: 0, to: 4 });
    expect(events.filter(({ kind }) => kind === 'commit-asked')).toHaveLength(4);
    expect(events.flatMap((event) => (event.kind === 'commits-left' ? [event.left] : []))).toEqual([4, 2, 1]);
  });
});

describe('ends', () => {
  test.each([
    ['bbbbb', 'break', /^\w{10} is not good: it shows the failure \(ValueError: no\)\.$/u],
    ['ggggg', 'break', /^\w{10} is not bad: it does not show the failure\.$/u],
    ['ggggg', 'fix', /^\w{10} is not bad: it does not show the failure\.$/u],
    ['gggg?', 'break', /^\w{10} is not bad: it could not be asked, broken: does not build\.$/u],
  ] as const)('that are wrong are an error that says what was seen: %s, %s', async (verdicts, find, message) => {
    const failing = bisect(linear(verdicts), { from: 0, to: 4, find });
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toBeInstanceOf(InputError);
  });

  test('that are the same commit are an error', async () => {
    await expect(bisect(linear('ggb'), { from: 1, to: 1 })).rejects.toThrow(/^Both ends are the commit \w{10}:/u);
  });

  test('in the wrong order are an error that says what to look for', async () => {
    await expect(bisect(linear('bbggg'), { from: 4, to: 0 })).rejects.toThrow(
      /^The bad commit \w{10} comes before the good one, \w{10}: Look for the repair instead/u,
    );
  });

  test('on branches of their own: what both came from is proved, and is where it begins', async () => {
    const branches = [
      { parents: [], isBad: false },
      { parents: [0], isBad: false },
      { parents: [1], isBad: false },
      { parents: [1], isBad: false },
      { parents: [3], isBad: true },
    ];
    expect((await bisect(branches, { from: 2, to: 4 })).candidates).toEqual([4]);
    const fixedOnOne = branches.map((commit, position) => ({ ...commit, isBad: position !== 2 }));
    await expect(bisect(fixedOnOne, { from: 2, to: 4 })).rejects.toThrow(
      /^The ends are on different branches, and \w{10}, from which both came, is not good: it shows the failure/u,
    );
  });

  test('without anything in common are an error', async () => {
    const strangers = [
      { parents: [], isBad: false },
      { parents: [], isBad: true },
    ];
    await expect(bisect(strangers, { from: 0, to: 1 })).rejects.toThrow(/have no history in common/u);
  });
});
