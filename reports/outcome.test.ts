import { expect, test } from 'vitest';
import { countsOf, eventfulReport, failureOf, pinOf, quietReport } from './fixtures/reports.ts';
import { newFirst, outcomeOf } from './outcome.ts';
import type { Report } from './report-model.ts';

const known = failureOf({ known: { id: 'k', kind: 'bug', title: 't', link: 'https://example.org' } });
const fresh = failureOf({});
const brokenPin = pinOf({ broken: 'no such version' });
const stale = { id: 'k', title: 't', state: 'stale' } as const;
const { campaign } = quietReport;

test.each<readonly [string, Partial<Report>, number]>([
  ['nothing failed', {}, 0],
  ['every failure is known', { failures: [known] }, 0],
  ['an expectation was not put to the test', { expectations: [{ ...stale, state: 'not-run' }] }, 0],
  ['a cell is flaky', { counts: countsOf({ cells: 1, flaky: 1 }) }, 0],
  ['a pin offers a method that no adapter covers', { pins: [pinOf({ notCovered: ['FooConfig'] })] }, 0],
  ['a failure is new', { failures: [known, fresh] }, 1],
  ['an expectation is stale', { expectations: [stale] }, 1],
  ['a pin is broken', { pins: [brokenPin], failures: [fresh] }, 3],
  ['a cell is broken', { counts: countsOf({ cells: 1, broken: 1 }) }, 3],
  ['nothing is offered', { counts: countsOf({ cells: 3, unsupported: 2, skipped: 1 }) }, 4],
  ['some of it is not offered', { counts: countsOf({ cells: 3, unsupported: 2, pass: 1 }) }, 0],
  ['the plan is unfinished', { campaign: { ...campaign, complete: false } }, 4],
  ['the plan is unfinished and a failure is new', { campaign: { ...campaign, complete: false }, failures: [fresh] }, 1],
  [
    'it was interrupted, whatever else',
    { campaign: { ...campaign, complete: false, interrupted: true }, pins: [brokenPin], failures: [fresh] },
    130,
  ],
])('when %s', (_, change, exitCode) => {
  const outcome = outcomeOf({ ...quietReport, ...change });
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.reasons.length > 0).toBe(exitCode !== 0);
});

test('all reasons are told, the one that decides first', () => {
  expect(outcomeOf(eventfulReport).reasons).toEqual([
    '1 pin could not be asked',
    '1 new failure',
    '1 stale expectation',
    '1 stale refusal',
  ]);
});

test('new failures come first, otherwise in the order of the report', () => {
  const failures = [known, { ...fresh, id: 'b' }, { ...known, id: 'c' }, { ...fresh, id: 'a' }];
  expect(newFirst(failures).map(({ id }) => id)).toEqual(['b', 'a', known.id, 'c']);
});
