import { expect, test } from 'vitest';
import type { FailureChange } from '../../reports/diff/diff-model.ts';
import { bisectOf, culpritOf } from '../../reports/fixtures/bisects.ts';
import { changeOf, diffOf, nightOf, standingOf } from '../../reports/fixtures/nights.ts';
import { failureOf, quietReport } from '../../reports/fixtures/reports.ts';
import { describeWeek, type NightOfWeek } from './describe-week.ts';

const pins = ['peft-0.20.0'];
const failure = failureOf({ id: 'f1', signature: 's1', pins });
const moved = [{ package: 'peft', from: '0.19.1', to: '0.20.0' }];
const [pin] = nightOf().pins;
if (pin === undefined) throw new Error('a night without a pin');

const change = (kind: 'regressed' | 'new' | 'fixed'): FailureChange => changeOf(kind, failure);

/** A night on which PEFT moved; whether its newest pin shows the failure, what it tells, and whom it blames. */
const night = (
  day: string,
  shows: boolean,
  told: readonly FailureChange[],
  blames: readonly string[] = ['peft'],
): NightOfWeek => {
  const bisect = bisectOf({ culprits: blames.map((name) => culpritOf({ package: name })) });
  return {
    night: nightOf({
      day,
      pins: [{ ...pin, moved }],
      failures: shows ? [standingOf({ id: 'f1', signature: 's1' }, { bisect })] : [],
      diff: diffOf(told),
    }),
    report: { ...quietReport, failures: shows ? [failure] : [] },
    ms: 1_000,
  };
};

const got = (nights: readonly NightOfWeek[]): readonly string[] => describeWeek(nights).targets.map((each) => each.got);

test('a week whose news were told once, with a culprit that moved', () => {
  const nights = [
    night('2026-07-27', false, []),
    night('2026-07-28', true, [change('regressed')]),
    night('2026-07-29', true, []),
    night('2026-07-30', false, [change('fixed')]),
    night('2026-07-31', true, [change('regressed')]),
  ];
  expect(got(nights)).toEqual(['0', '0', '2 of 2', '0']);
  expect(describeWeek(nights).table).toContain('### 2026-07-30');
});

test.each([
  [
    'what came was not told',
    [night('2026-07-27', false, []), night('2026-07-28', true, [])],
    ['1', '0', '0 of 0', '0'],
  ],
  [
    'what went was not told',
    [night('2026-07-27', true, []), night('2026-07-28', false, [])],
    ['1', '0', '0 of 0', '0'],
  ],
  [
    'told twice',
    [
      night('2026-07-27', false, []),
      night('2026-07-28', true, [change('regressed')]),
      night('2026-07-29', true, [change('regressed')]),
    ],
    ['0', '1', '2 of 2', '0'],
  ],
  [
    'no culprit',
    [night('2026-07-27', false, []), night('2026-07-28', true, [change('regressed')], [])],
    ['0', '0', '0 of 1', '0'],
  ],
  [
    'nothing: it was not offered before',
    [night('2026-07-27', false, []), night('2026-07-28', true, [change('new')], [])],
    ['0', '0', '0 of 0', '0'],
  ],
  [
    'a culprit that did not move',
    [night('2026-07-27', false, []), night('2026-07-28', true, [change('regressed')], ['torch'])],
    ['0', '0', '1 of 1', '1'],
  ],
])('is noticed: %s', (_, nights, figures) => {
  expect(got(nights)).toEqual(figures);
});
