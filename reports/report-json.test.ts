import { expect, test } from 'vitest';
import { eventfulReport } from './fixtures/reports.ts';
import { formatReportJson, parseReportJson } from './report-json.ts';

test('a report reads back as it was written', () => {
  expect(parseReportJson(formatReportJson(eventfulReport))).toEqual(eventfulReport);
});

test('a report that breaks the published schema is not written', () => {
  const broken = { ...eventfulReport, campaign: { ...eventfulReport.campaign, ran: -1 } };
  expect(() => formatReportJson(broken)).toThrow('ran');
});

test('methods that no adapter covers are kept, and a report without the field reads as well', () => {
  const read = parseReportJson(formatReportJson(eventfulReport));
  expect(read.pins.map(({ notCovered }) => notCovered)).toEqual([['BarConfig', 'FooConfig'], ['BarConfig'], undefined]);
});

test('a field that the schema does not know is refused when reading', () => {
  const text = formatReportJson(eventfulReport).replace('"version"', '"verison": 1, "version"');
  expect(() => parseReportJson(text)).toThrow('verison');
});
