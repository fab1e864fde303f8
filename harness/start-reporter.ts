import { chooseMode } from '../reports/progress/choose-mode.ts';
import { createReporter } from '../reports/progress/create-reporter.ts';
import type { Reporter } from '../reports/progress/reporter.ts';
import { useColour } from './commands/command.ts';

/** What the command line says of progress. */
export interface ProgressFlags {
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

/** The subscriber that fits the flags and the terminal. */
export const startReporter = ({ json, quiet, verbose }: ProgressFlags): Reporter =>
  createReporter({
    mode: chooseMode({
      json: json === true,
      quiet: quiet === true,
      isTerminal: process.stderr.isTTY,
      variables: process.env,
    }),
    verbose: verbose === true,
    stderr: process.stderr,
    stdout: process.stdout,
    colour: useColour(process.stderr),
    now: () => performance.now(),
  });
