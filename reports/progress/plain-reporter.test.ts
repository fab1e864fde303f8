import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as fc from 'fast-check';
import { eventSchema } from '../events.ts';
import { anyEvent, campaignEvents } from '../fixtures/campaign-events.ts';
import { createReporter } from './create-reporter.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

interface Recorded {
  readonly reporter: Reporter;
  readonly stderr: () => string;
  readonly stdout: () => string;
}

const record = (options: Partial<ReporterOptions>): Recorded => {
  const written = { stderr: '', stdout: '' };
  const reporter = createReporter({
    mode: 'plain',
    verbose: false,
    stderr: { write: (text) => (written.stderr += text) },
    stdout: { write: (text) => (written.stdout += text) },
    colour: false,
    now: () => Date.now(),
    ...options,
  });
  return { reporter, stderr: () => written.stderr, stdout: () => written.stdout };
};

const playThrough = ({ reporter }: Recorded): void => {
  for (const event of campaignEvents) {
    reporter.on(event);
    vi.advanceTimersByTime(1000);
  }
  reporter.close();
};

test('a campaign in plain lines', () => {
  const recorded = record({});
  playThrough(recorded);
  expect(recorded.stdout()).toBe('');
  expect(recorded.stderr()).toMatchInlineSnapshot(`
    "[0:00] campaign c1 runs quick on 2 pins
    [0:01] peft-0.21.2: installing torch 2.13.0
    [0:02] peft-0.17.1: resolving
    [0:03] BROKEN peft-0.17.1: No solution found when resolving
    [0:04] peft-0.21.2: ready (python 3.11.7, torch 2.13.0)
    [0:05] plan: 5 cells, 2 of them in the ledger already
    [0:06] running: 0/3 cells; 0 pass, 0 fail
    [0:10] running: 1/3 cells; 1 pass, 0 fail
    [0:11] FAIL IndexError: tuple index out of range
    [0:12] shrinking: 0/1 failures, 0 cells tried; 1 pass, 1 fail
    [0:15] shrunk 3fa92c10b7de to adapter=dora sharding=fsdp1 (known as dora-fsdp1)
    [0:16] warning: a setting of pip was left out
    [0:17] interrupted: finishing the running cells, then the report (once more to stop at once)
    [0:18] report: .peft-matrix/campaigns/c1/report.json
    "
  `);
});

test('quiet tells failures, broken pins and warnings', () => {
  const recorded = record({ mode: 'quiet' });
  playThrough(recorded);
  expect(recorded.stderr()).toMatchInlineSnapshot(`
    "[0:03] BROKEN peft-0.17.1: No solution found when resolving
    [0:11] FAIL IndexError: tuple index out of range
    [0:16] warning: a setting of pip was left out
    [0:17] interrupted: finishing the running cells, then the report (once more to stop at once)
    "
  `);
});

test('verbose tells every cell', () => {
  const recorded = record({ verbose: true });
  playThrough(recorded);
  expect(recorded.stderr()).toContain('pass        0.31 s  peft-0.21.2  adapter=lora sharding=none\n');
});

test('through a long silence it says every ten seconds what it waits for', () => {
  const { reporter, stderr } = record({});
  reporter.on({ kind: 'campaign-started', campaign: 'c', matrix: 'm', pins: ['a', 'b'] });
  reporter.on({ kind: 'pin-step', pin: 'a', step: 'installing' });
  vi.advanceTimersByTime(35_000);
  reporter.on({ kind: 'pin-step', pin: 'b', step: 'importing' });
  vi.advanceTimersByTime(10_000);
  reporter.close();
  vi.advanceTimersByTime(60_000);
  expect(stderr()).toMatchInlineSnapshot(`
    "[0:00] campaign c runs m on 2 pins
    [0:00] a: installing
    [0:10] 0 of 2 pins ready; a installing
    [0:20] 0 of 2 pins ready; a installing
    [0:30] 0 of 2 pins ready; a installing
    [0:35] b: importing
    [0:40] 0 of 2 pins ready; a installing; b importing
    "
  `);
});

test('however many cells finish, there is a line every ten seconds', () => {
  const { reporter, stderr } = record({});
  reporter.on({ kind: 'stage-started', stage: 'run', total: 400 });
  for (let index = 0; index < 300; index += 1) {
    reporter.on({ kind: 'cell-finished', pin: 'p', config: {}, verdict: 'pass', ms: 1 });
    vi.advanceTimersByTime(100);
  }
  reporter.close();
  expect(stderr().trim().split('\n')).toHaveLength(4);
  expect(stderr()).toMatch(/100\/400 cells; 100 pass, 0 fail; about 30 s left/u);
});

test('with json every event is a line on stdout that keeps to the published schema, and stderr is silent', () => {
  const recorded = record({ mode: 'json' });
  playThrough(recorded);
  const lines = recorded.stdout().trimEnd().split('\n');
  expect(lines.map((line) => eventSchema.parse(JSON.parse(line)))).toEqual(campaignEvents);
  expect(recorded.stderr()).toBe('');
});

test('hostile events stay on their lines', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 20 }), (events) => {
      const { reporter, stderr } = record({ verbose: true });
      for (const event of events) {
        reporter.on(event);
        vi.advanceTimersByTime(6000);
      }
      reporter.close();
      const lines = stderr().split('\n').slice(0, -1);
      expect(lines.filter((line) => !/^\[\d+:\d\d\] /u.test(line))).toEqual([]);
      expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
    { seed: 1 },
  );
});
