import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileReport } from '../fixtures/hostile.ts';
import { eventfulReport, failureOf, quietReport } from '../fixtures/reports.ts';
import { renderAnnotations } from './annotations.ts';

test('a campaign with everything', () => {
  expect(renderAnnotations(eventfulReport)).toMatchInlineSnapshot(`
    "::error title=3fa92c10b7de runs/train::IndexError: tuple index out of range%0Aconfig: adapter=dora sharding=fsdp1%0Apins: peft-0.21.2, peft-0.20.0%0Areplay: npx peft-matrix replay 3fa92c10b7de
    ::error title=stale%3A vera-fsdp2::It did not fail: VeRA under FSDP2 loses its shared projections
    ::error title=stale%3A dora-mixed-batch::PEFT did not refuse it: DoRA takes one adapter a batch
    ::warning title=peft-0.17.1 could not be asked::× No solution found when resolving dependencies: ╰─▶ Because peft==0.17.1 depends on transformers<5 and you require transformers==5.23.0, your requirements are unsatisfiable.
    ::warning title=broken::2 cells could not be asked
    "
  `);
});

test('a campaign in which all is as expected has none', () => {
  expect(renderAnnotations(quietReport)).toBe('');
});

test('there are ten at most, and the last says how many more there are', () => {
  const failures = Array.from({ length: 30 }, (_, index) => failureOf({ id: `f${index}` }));
  const lines = renderAnnotations({ ...quietReport, failures })
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(10);
  expect(lines.at(-1)).toBe('::notice title=21 more::30 new failures. The job summary has all of it.');
  const ten = renderAnnotations({ ...quietReport, failures: failures.slice(0, 10) });
  expect(ten.match(/^::error /gmu)).toHaveLength(10);
});

/** As the runner reads a line: command, properties, message. */
const form = /^::(?:error|warning|notice) title=(?<title>[^:,\r\n]*)::(?<message>[^\r\n]*)$/u;

test('whatever is in them, each is one command with one property, and no other', () => {
  fc.assert(
    fc.property(hostileReport, (report) => {
      const text = renderAnnotations(report);
      const lines = text.split('\n').slice(0, -1);
      expect(lines.length).toBeGreaterThan(0);
      expect(lines.length).toBeLessThanOrEqual(10);
      for (const line of lines) {
        const { title = '', message = '' } = form.exec(line)?.groups ?? {};
        expect(`${title}${message}`).not.toBe('');
        expect(`${title}${message}`.replaceAll(/%(?:25|0A|0D|3A|2C)/gu, '')).not.toMatch(/%|\p{Cc}|\p{Cf}/u);
      }
    }),
  );
});

test('a message of ten megabytes is cut', () => {
  const failures = [failureOf({ message: 'x%'.repeat(5_000_000) })];
  expect(renderAnnotations({ ...quietReport, failures }).length).toBeLessThan(3_000);
});
