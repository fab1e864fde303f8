import { expect, test } from 'vitest';
import { pinsAskedFor, recall, signDigests, sightingsOf, stillValid, type Seen } from './seen.ts';
import type { Recognised, Sign } from './signs.ts';

const sign = (word: string): Sign => ({
  shows: { peft: '<0.12' },
  verdict: 'fail',
  properties: ['runs'],
  words: [word],
});
const recognised: readonly Recognised[] = [
  { id: 'elsewhere', outOfScope: 'it takes two GPUs' },
  { id: 'flat', signs: [sign('one'), sign('other')] },
];
const [, flat] = recognised;
const [one, other] = flat !== undefined && 'signs' in flat ? flat.signs : [];

test('what was seen is recalled with the sign that it was seen by', () => {
  if (one === undefined || other === undefined) throw new Error('two signs are expected');
  const versions = { peft: '0.11.1' };
  const shown = { bug: 'flat', config: { rank: 4 }, phase: 'wrap', what: 'runs: no', cells: 2, versions };
  const sightings = [
    { ...shown, sign: one },
    { ...shown, sign: other, minimal: {} },
  ];
  const kept = sightingsOf({ sightings, planned: 1, ran: 1, isComplete: true }, recognised);
  const seen: Seen = {
    area: 'alone',
    on: '2026-01-01',
    commit: '0a',
    signs: signDigests(recognised),
    versions,
    planned: 1,
    ran: 1,
    minutes: 1,
    isComplete: true,
    sightings: kept,
  };
  const recalled = recall(seen, recognised);
  expect(recalled).toEqual(sightings);
  expect(recalled.map((sighting) => sighting.sign)).toEqual([one, other]);
});

test('a bug with another sign has to be asked for again, and others have not', () => {
  const versions = { peft: '0.11.1' };
  const shown = { sign: 0, config: {}, phase: 'wrap' as const, what: 'runs: no', cells: 1 };
  const before: readonly Recognised[] = [...recognised, { id: 'round', signs: [sign('one')] }];
  const seen: Seen = {
    area: 'alone',
    on: '2026-01-01',
    commit: '0a',
    signs: signDigests(before),
    versions,
    planned: 1,
    ran: 1,
    minutes: 1,
    isComplete: true,
    sightings: [
      { bug: 'flat', ...shown },
      { bug: 'round', ...shown },
    ],
  };
  const today = stillValid(seen, [...recognised, { id: 'round', signs: [sign('two')] }]);
  expect(today.sightings.map(({ bug }) => bug)).toEqual(['flat']);
  const elsewhere: Recognised = { id: 'flat', signs: [{ ...sign('one'), shows: { peft: '<0.13' } }, sign('other')] };
  expect(stillValid(seen, [elsewhere]).sightings.map(({ bug }) => bug)).toEqual(['flat']);
  expect(pinsAskedFor([today], 1, 'flat')).toEqual([versions]);
  expect(pinsAskedFor([today], 2, 'flat')).toEqual([]);
  expect(pinsAskedFor([today], 1, 'round')).toEqual([]);
});
