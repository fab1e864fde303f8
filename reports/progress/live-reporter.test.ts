import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CampaignEvent } from '../events.ts';
import { anyEvent, campaignEvents } from '../fixtures/campaign-events.ts';
import { Screen } from '../fixtures/screen.ts';
import { createReporter } from './create-reporter.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

/** Events a second apart, on a screen that began with the prompt. */
const play = (events: readonly CampaignEvent[], screen: Screen, options: Partial<ReporterOptions> = {}): Reporter => {
  let now = 0;
  screen.write('$ peft-matrix run\n');
  const reporter = createReporter({
    mode: 'live',
    verbose: false,
    stderr: screen,
    stdout: screen,
    colour: false,
    now: () => now,
    ...options,
  });
  for (const event of events) {
    reporter.on(event);
    now += 1000;
  }
  return reporter;
};

test('while pins are made ready', () => {
  const screen = new Screen(80, 24);
  play(campaignEvents.slice(0, 3), screen);
  expect(screen.text).toMatchInlineSnapshot(`
    "$ peft-matrix run
    quick  0:02
      pins        0 of 2 pins ready
                  peft-0.21.2  installing torch 2.13.0 (0:01)
                  peft-0.17.1  resolving (0:00)"
  `);
});

test('while cells run', () => {
  const screen = new Screen(80, 24);
  play(campaignEvents.slice(0, 10), screen);
  expect(screen.text).toMatchInlineSnapshot(`
    "$ peft-matrix run
    BROKEN peft-0.17.1: No solution found when resolving
    quick  0:09  2 cells from the ledger
      pins        1 of 2 pins ready, 1 broken
      running     ██████░░░░░░░░░░░░░░  1/3 cells
      so far      1 pass, 0 fail
      now         0:01  peft-0.21.2  adapter=dora sharding=fsdp1"
  `);
});

test('a terminal that does not know its size counts as one of 80 columns', () => {
  const [some, other] = [new Screen(80, 24), new Screen(80, 24)];
  const sizeless = { columns: 0, rows: 0, write: (text: string) => some.write(text) };
  play(campaignEvents.slice(0, 10), other);
  play(campaignEvents.slice(0, 10), some, { stderr: sizeless });
  expect(some.text).toBe(other.text);
});

test('while failures are shrunk', () => {
  const screen = new Screen(80, 24);
  play(campaignEvents.slice(0, 15), screen);
  expect(screen.text).toMatchInlineSnapshot(`
    "$ peft-matrix run
    BROKEN peft-0.17.1: No solution found when resolving
    FAIL IndexError: tuple index out of range
    quick  0:14  2 cells from the ledger
      pins        1 of 2 pins ready, 1 broken
      shrinking   ░░░░░░░░░░░░░░░░░░░░  0/1 failures, 1 cell tried
      so far      1 pass, 1 fail  1 failure"
  `);
});

test('after the end only failures, broken pins and warnings stay', () => {
  const screen = new Screen(80, 24);
  const reporter = play(campaignEvents, screen);
  reporter.close();
  reporter.close();
  expect(screen.text).toMatchInlineSnapshot(`
    "$ peft-matrix run
    BROKEN peft-0.17.1: No solution found when resolving
    FAIL IndexError: tuple index out of range
    warning: a setting of pip was left out
    interrupted: finishing the running cells, then the report (once more to stop at once)"
  `);
});

test('verbose leaves a line for each cell', () => {
  const screen = new Screen(80, 24);
  play(campaignEvents, screen, { verbose: true }).close();
  expect(screen.text).toContain('pass        0.31 s  peft-0.21.2  adapter=lora sharding=none');
});

test('a burst of cells is not a burst of redraws', () => {
  const screen = new Screen(80, 24);
  const reporter = createReporter({
    mode: 'live',
    verbose: false,
    stderr: screen,
    stdout: screen,
    colour: false,
    now: () => 0,
  });
  for (let index = 0; index < 500; index += 1) {
    reporter.on({ kind: 'cell-finished', pin: 'p', config: {}, verdict: 'pass', ms: 1 });
  }
  reporter.close();
  expect(screen.writes).toBeLessThan(5);
});

test('nothing is drawn after it was closed', () => {
  const screen = new Screen(80, 24);
  const reporter = play([], screen);
  reporter.close();
  reporter.on({ kind: 'warning', message: 'too late' });
  expect(screen.text).toBe('$ peft-matrix run');
});

/** A terminal that keeps its size may be as low as it likes. */
const onAnyTerminal = fc.record({
  rows: fc.integer({ min: 6, max: 40 }),
  steps: fc.array(anyEvent, { maxLength: 25 }),
});

/**
 * One that is made narrower breaks up to fourteen lines into up to four rows each. Rows that leave its visible part so cannot be
 * erased by anybody, so this one has room for all of them.
 */
const onAResizedTerminal = fc.record({
  rows: fc.integer({ min: 60, max: 90 }),
  steps: fc.array(
    fc.oneof({ weight: 5, arbitrary: anyEvent }, fc.record({ columns: fc.integer({ min: 30, max: 120 }) })),
    { maxLength: 25 },
  ),
});

test('whatever happens and however it is resized, no garbage is left', () => {
  fc.assert(
    fc.property(
      fc.oneof(onAnyTerminal, onAResizedTerminal),
      fc.boolean(),
      fc.boolean(),
      ({ rows, steps }, colour, verbose) => {
        const screen = new Screen(80, rows);
        let now = 0;
        screen.write('$ peft-matrix run\n');
        const options = { mode: 'live', verbose, stderr: screen, stdout: screen, colour } as const;
        const reporter = createReporter({ ...options, now: () => now });
        const kept: CampaignEvent[] = [];
        for (const step of steps) {
          if ('columns' in step) {
            screen.resize(step.columns);
            continue;
          }
          reporter.on(step);
          if (['pin-broken', 'failure-found', 'warning', 'interrupted'].includes(step.kind)) kept.push(step);
          if (verbose && step.kind === 'cell-finished') kept.push(step);
          now += 1000;
          expect(screen.cursorColumn).toBe(0);
          expect(screen.rowsBelowCursor).toBe(0);
        }
        reporter.close();
        expect(screen.cursorColumn).toBe(0);
        expect(screen.text.split('\n')).toHaveLength(1 + kept.length);
      },
    ),
    { seed: 1 },
  );
});
