import { expect, test } from 'vitest';
import type { Bisect, Boundary } from '../../reports/bisect-model.ts';
import { bisectOf, culpritOf } from '../../reports/fixtures/bisects.ts';
import { combineBisects } from './combine-bisects.ts';

const bisectOn = (day: number, found: Partial<Bisect>): Bisect =>
  bisectOf({ finishedAt: `2026-11-0${day}T11:00:00.000Z`, ...found });

const commit = { hash: 'a'.repeat(40), date: '2026-09-01T00:00:00Z', author: 'Ann <a@example.org>', title: 't' };
const peft: Boundary = { package: 'peft', version: '0.12.0' };
const culprit = culpritOf();

test('what a later bisect did not ask for stays', () => {
  const fixedIn = { ...peft, version: '0.13.0' };
  const commits = { candidates: [commit], merges: [], asked: [] };
  const found = combineBisects([
    bisectOn(3, { unanswered: 'it shows everywhere' }),
    bisectOn(1, { since: { ...peft, commit }, fixedIn, culprits: [{ ...culprit, commits }] }),
    bisectOn(2, { since: peft, culprits: [culprit] }),
  ]);
  expect(found).toEqual({ since: { ...peft, commit }, fixedIn, culprits: [{ ...culprit, commits }] });
});

test('of two that disagree the newer is believed, and a release of PEFT before one of another package', () => {
  const since = { ...peft, version: '0.10.0' };
  const other = { package: 'transformers', version: '5.0.0' };
  const bisects = [bisectOn(1, { since: { ...peft, commit } }), bisectOn(2, { since }), bisectOn(3, { since: other })];
  expect(combineBisects(bisects).since).toEqual(since);
  expect(combineBisects([bisectOn(1, { since: other })]).since).toEqual(other);
});

test('where nothing was found, the newest reason is told', () => {
  const bisects = [bisectOn(2, { unanswered: 'newer' }), bisectOn(1, { unanswered: 'older' })];
  expect(combineBisects(bisects)).toEqual({ culprits: [], unanswered: 'newer' });
});

test('that it may have been hidden before is not lost', () => {
  const bisects = [bisectOn(1, { since: peft, maskedAsGood: true })];
  expect(combineBisects(bisects).since).toEqual({ ...peft, hiddenBefore: true });
});
