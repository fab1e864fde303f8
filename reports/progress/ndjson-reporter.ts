import type { Reporter, ReporterOptions } from './reporter.ts';

/** Every event as one line of JSON on stdout, as `reports/schema/event.json` describes it. */
export const ndjsonReporter = ({ stdout }: Pick<ReporterOptions, 'stdout'>): Reporter => ({
  on: (event) => {
    stdout.write(`${JSON.stringify(event)}\n`);
  },
  close: () => {},
});
