import { expect, test } from 'vitest';
import type { Rows, Traces } from './traces.ts';
import { traceProblems } from './trace-problems.ts';

const rowsOf = (...names: readonly string[]): Rows => new Map(names.map((name) => [name, { cold: false }]));

const whole: Traces = {
  exitCode: 0,
  stderr: '',
  report: {},
  ran: 3,
  rows: rowsOf('a', 'b', 'c'),
  coldRows: 0,
  health: 'ok',
  files: ['latest', 'ledger.sqlite'],
  scratch: [],
};

/** Killed when `a` was recorded, and gone on with. */
const resumed: Traces = { ...whole, ran: 2 };
const states = [rowsOf(), rowsOf('a')];
const stray = { pid: 1, parent: 1, startedAt: '1', command: 'python -m peft_matrix_probe' };

test('a campaign that was gone on with as it should has no problems', () => {
  expect(traceProblems(resumed, whole, states, [{ ms: 10, left: [] }])).toEqual([]);
});

test.each([
  [{ exitCode: 3, stderr: 'why' }, 'exit code 3, not 0: why'],
  [{ health: 'page 3 is never used' }, 'the ledger is damaged: page 3 is never used'],
  [{ ran: 3 }, '3 cells were run, but 2 were missing'],
  [{ rows: rowsOf('A', 'b', 'c') }, '1 observations were lost or changed'],
  [{ rows: rowsOf('a', 'b'), ran: 1 }, '2 observations, not 3'],
  [{ files: ['latest', 'ledger.sqlite', 'report.json.7.tmp'] }, 'left in the results: report.json.7.tmp'],
  [{ files: ['ledger.sqlite'] }, 'missing in the results: latest'],
  [{ scratch: ['peft-matrix-probe.1.2.3.x'] }, 'left of dead probes: peft-matrix-probe.1.2.3.x'],
])('%o is a problem', (change: Partial<Traces>, problem) => {
  expect(traceProblems({ ...resumed, ...change }, whole, states, [])).toEqual([problem]);
});

test('a process that was left is a problem', () => {
  expect(traceProblems(resumed, whole, states, [{ ms: 5_000, left: [stray] }])).toEqual([
    'after 5 s still there: python -m peft_matrix_probe',
  ]);
});

test('an observation that was lost between two kills, and made anew, is a problem', () => {
  expect(traceProblems(resumed, whole, [rowsOf(), rowsOf('a', 'b'), rowsOf('a')], [])).toEqual([
    '1 observations were lost or changed',
  ]);
});
