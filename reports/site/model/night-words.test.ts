import { expect, test } from 'vitest';
import { changeOf } from '../../fixtures/nights.ts';
import { failureOf } from '../../fixtures/reports.ts';
import { culpritWords, nightsWord } from './night-words.ts';

const failure = failureOf({ id: 'f' });
const introduced = { kind: 'introduced', package: 'peft', before: '0.17.1', after: '0.18.0', confirmed: true } as const;
const fixed = { ...introduced, kind: 'fixed', before: '0.19.0', after: '0.19.1' } as const;

test.each([
  ['regressed', {}, 'culprit: peft 0.17.1 → 0.18.0'],
  ['changed', { was: ['g'] }, 'culprit: peft 0.17.1 → 0.18.0'],
  ['fixed', {}, 'culprit: peft 0.19.0 → 0.19.1'],
  // It came with what offers it, and it did not come but went.
  ['new', {}, ''],
  ['changed', { becomes: ['g'] }, ''],
] as const)('of what has %s %j: "%s"', (change, parts, words) => {
  expect(culpritWords(changeOf(change, failure, parts), { culprits: [introduced, fixed] })).toBe(words);
});

test('a bisect without an answer says why, and nothing is said where nobody asked', () => {
  const change = changeOf('regressed', failure);
  expect(culpritWords(change, { culprits: [], unanswered: 'every release shows it' })).toBe(
    'no culprit: every release shows it',
  );
  expect(culpritWords(change, undefined)).toBe('');
});

test('campaigns are called nights only where there is the record of one', () => {
  const { id, matrix, executor, finishedAt } = { id: 'c', matrix: 'm', executor: 'local', finishedAt: '2026-07-01' };
  const campaign = { id, matrix, executor, finishedAt, verdicts: true };
  const [night, ordinary] = [true, false].map((isNight) => ({ isNight, campaign, found: [] }));
  const words = [[], [night], [ordinary], [ordinary, night]].map((nights) =>
    nightsWord({ nights: nights.filter((one) => one !== undefined) }),
  );
  expect(words).toEqual(['The night', 'The night', 'Campaigns', 'The night']);
});
