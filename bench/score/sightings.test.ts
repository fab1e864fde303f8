import { expect, test } from 'vitest';
import type { Violation } from '../../harness/find-failures.ts';
import type { ReadyPin } from '../../harness/cell.ts';
import { hello, pinNamed } from '../../harness/fixtures/cells.ts';
import type { Config } from '../../matrices/config.ts';
import type { Phase } from '../../matrices/phase.ts';
import { sightingsIn } from './sightings.ts';
import type { Sign } from './signs.ts';

const ready: ReadyPin = {
  pin: pinNamed('peft-0.11.1'),
  hello: { ...hello, versions: { peft: '0.11.1' } },
};

const raised = (config: Config, phase: Phase, exception: string, message: string): Violation => ({
  ready,
  config,
  signature: { property: 'runs', phase, exception, message, frames: [] },
  signatureId: `${phase} ${exception}`,
  detail: message,
});

const sign: Sign = {
  shows: { peft: '<0.12' },
  verdict: 'fail',
  properties: ['runs'],
  phases: ['wrap'],
  exceptions: ['ValueError'],
  words: ['uniform'],
  config: { adapter: ['dora'] },
};
const refused: Sign = { shows: { peft: '<0.12' }, verdict: 'unsupported', words: ['several shapes'] };
const recognised = [
  { id: 'flat', signs: [sign] },
  { id: 'shapes', signs: [refused] },
  { id: 'elsewhere', outOfScope: 'it takes two GPUs' },
];
const bySize = (left: Config, right: Config): number => Object.keys(left).length - Object.keys(right).length;
const coverage = { combinations: 0, impossible: 0 };
const nothing = { violations: [], judged: [], plan: { runs: [], excluded: [], cut: [], coverage } };

test('a bug is seen at the simplest config that looks like it', () => {
  const violations = [
    raised({ adapter: 'dora', rank: 8 }, 'wrap', 'ValueError', 'must be uniform'),
    raised({ adapter: 'dora' }, 'wrap', 'ValueError', 'must be uniform'),
  ];
  expect(sightingsIn({ ...nothing, violations }, recognised, bySize)).toMatchObject([
    { bug: 'flat', config: { adapter: 'dora' }, phase: 'wrap', cells: 2, what: 'runs: ValueError: must be uniform' },
  ]);
});

test.each([
  ['another phase', raised({ adapter: 'dora' }, 'train', 'ValueError', 'must be uniform')],
  ['another exception', raised({ adapter: 'dora' }, 'wrap', 'TypeError', 'must be uniform')],
  ['other words', raised({ adapter: 'dora' }, 'wrap', 'ValueError', 'must not')],
  ['another config', raised({ adapter: 'lora' }, 'wrap', 'ValueError', 'must be uniform')],
])('%s is another failure', (_, violation) => {
  expect(sightingsIn({ ...nothing, violations: [violation] }, recognised, bySize)).toStrictEqual([]);
});

test('what a release refuses is seen in its reason, in cells that ran and in those that were not planned', () => {
  const reason = 'VeRA takes target layers of several shapes since PEFT 0.12.0';
  const verdict = { kind: 'unsupported', reason } as const;
  const judged = [{ ready, config: {}, verdict, violations: [], held: [], finished: [], refused: [] }];
  const excluded = [
    { ready, config: { adapter: 'vera' }, because: { kind: 'unsupported', rule: 'vera', because: reason } },
  ] as const;
  const plan = { ...nothing.plan, excluded };
  expect(sightingsIn({ ...nothing, judged, plan }, recognised, bySize)).toMatchObject([
    { bug: 'shapes', phase: 'unsupported', cells: 2 },
  ]);
});
