import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileReport } from '../fixtures/hostile.ts';
import { eventfulReport, failureOf, quietReport } from '../fixtures/reports.ts';
import { renderMarkdown } from '../markdown/render-markdown.ts';
import { renderStepSummary } from './step-summary.ts';

const limit = 1_048_576;

test('what fits is the whole report', () => {
  expect(renderStepSummary(eventfulReport)).toBe(renderMarkdown(eventfulReport));
});

test('thousands of failures are cut at the end of a row, and what is left out is said', () => {
  const failures = Array.from({ length: 9_000 }, (_, index) =>
    failureOf({ id: `f${index}`, message: '漢字'.repeat(100), minimal: { adapter: 'x'.repeat(200) } }),
  );
  const text = renderStepSummary({ ...quietReport, failures });
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
  expect(Buffer.byteLength(text)).toBeGreaterThan(limit / 2);
  const rows = text.split('\n').filter((line) => line.startsWith('| **new** |'));
  expect(rows.every((row) => row.endsWith(' |') && row.split(' | ').length === 8)).toBe(true);
  const [, cut = 0, hidden = 0] = /(\d+) rows of failures, (\d+) sections of failures in detail/u.exec(text) ?? [];
  const shown = text.match(/^#### /gmu)?.length ?? 0;
  expect([rows.length + Number(cut), shown + Number(hidden)]).toEqual([9_000, 9_000]);
  expect(text).toMatch(/\. report\.md of the campaign has all of it\.\n$/u);
});

test('it keeps to any limit that has room for saying so, and cuts no block of code', () => {
  fc.assert(
    fc.property(hostileReport, fc.integer({ min: 2_000, max: 20_000 }), (report, small) => {
      const text = renderStepSummary(report, small);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(small);
      let fence = '';
      for (const line of text.split('\n')) {
        const run = /^`{3,}/u.exec(line)?.[0] ?? '';
        if (fence === '' && run !== '') fence = run;
        else if (fence !== '' && line === fence) fence = '';
      }
      expect(fence).toBe('');
    }),
  );
});
