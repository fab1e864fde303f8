import type { ReporterOptions } from './reporter.ts';

/** What the command line and the surroundings say. */
export interface Surroundings {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Whether stderr is a terminal. */
  readonly isTerminal: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** A live block only on a terminal that can redraw, and not where a log is kept. */
export const chooseMode = ({ json, quiet, isTerminal, variables }: Surroundings): ReporterOptions['mode'] => {
  if (json) return 'json';
  if (quiet) return 'quiet';
  return isTerminal && variables['TERM'] !== 'dumb' && !isSet(variables['CI']) ? 'live' : 'plain';
};

const isSet = (value: string | undefined): boolean => value !== undefined && !['', '0', 'false'].includes(value);
