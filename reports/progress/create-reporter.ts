import { liveReporter } from './live-reporter.ts';
import { ndjsonReporter } from './ndjson-reporter.ts';
import { plainReporter } from './plain-reporter.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

/** The subscriber for a mode. */
export const createReporter = (options: ReporterOptions): Reporter => {
  if (options.mode === 'json') return ndjsonReporter(options);
  return options.mode === 'live' ? liveReporter(options) : plainReporter(options);
};
