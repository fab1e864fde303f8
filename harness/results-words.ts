import type { Report } from '../reports/report-model.ts';

/** Folder of the results unless `--results` names another. */
export const defaultResults = '.peft-matrix';

/** What a command line needs to find the same results again: ` --results 'my results'`, or nothing for the default. */
export const resultsWords = (path: string): string => (path === defaultResults ? '' : ` --results ${quoted(path)}`);

/** Fit for a shell. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * A report as it is told to people: its commands find the folder that it lies in. The data themselves do not say where they
 * lie, so that the same campaign gives the same report anywhere.
 */
export const namingResults = (report: Report, path: string): Report => ({
  ...report,
  failures: report.failures.map((failure) => ({ ...failure, replay: `${failure.replay}${resultsWords(path)}` })),
});
