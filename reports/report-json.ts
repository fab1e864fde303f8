import { reportSchema } from './report-model.ts';
import type { Report } from './report-model.ts';

/** The text of `report.json`. Throws when the report is not what its published schema promises. */
export const formatReportJson = (report: Report): string =>
  `${JSON.stringify(reportSchema.parse(report), undefined, 2)}\n`;

/** The report in the text of a `report.json`. Throws when it is not JSON or not what the schema promises. */
export const parseReportJson = (text: string): Report => reportSchema.parse(JSON.parse(text));
