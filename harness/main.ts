import { Command, CommanderError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { PeftMatrixError } from '../matrices/errors.ts';
import { bisectCommand } from './commands/bisect.ts';
import { cleanCommand } from './commands/clean.ts';
import type { Finish } from './commands/command.ts';
import { diffCommand } from './commands/diff.ts';
import { doctorCommand } from './commands/doctor.ts';
import { envCommand } from './commands/env.ts';
import { fileIssuesCommand } from './commands/file-issues.ts';
import { imagesCommand } from './commands/images.ts';
import { ledgerCommand } from './commands/ledger.ts';
import { nightlyCommand } from './commands/nightly.ts';
import { planCommand } from './commands/plan.ts';
import { replayCommand } from './commands/replay.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { schemaCommand } from './commands/schema.ts';
import { showCommand } from './commands/show.ts';
import { StoppedError } from './interruption.ts';

const finish: Finish = (exitCode) => {
  process.exitCode = exitCode;
};

/** The only file that reads the command line and decides the exit code. */
const parse = async (): Promise<void> => {
  const program = new Command('peft-matrix')
    .description('Finds out by experiment which configurations of Hugging Face PEFT work, version by version.')
    .version(`peft-matrix ${(await import('../package.json', { with: { type: 'json' } })).default.version}`)
    .showSuggestionAfterError()
    .showHelpAfterError(helpAfterError)
    .exitOverride()
    .addHelpText('after', exitCodes);
  const commands = [
    runCommand,
    planCommand,
    replayCommand,
    bisectCommand,
    showCommand,
    ledgerCommand,
    reportCommand,
    diffCommand,
    nightlyCommand,
    fileIssuesCommand,
    envCommand,
    imagesCommand,
    doctorCommand,
    cleanCommand,
    schemaCommand,
  ];
  for (const command of commands) program.addCommand(obeyOurs(command(finish)));
  await program.parseAsync();
};

const helpAfterError = '(--help lists what there is)';

/** Commands that are added do not inherit what to do about errors. */
const obeyOurs = (command: CommandUnknownOpts): CommandUnknownOpts => {
  for (const below of command.commands) obeyOurs(below);
  return command.exitOverride().showSuggestionAfterError().showHelpAfterError(helpAfterError);
};

const exitCodes = `
Exit codes: 0 as expected; 1 an unexpected failure; 2 usage or bad input; 3 infrastructure;
4 partial: combinations are left uncovered, or nothing was tested; results are kept; 130 interrupted.`;

/**
 * `git bisect run` takes every code from 1 to 127 but 125 for a bad commit, and ends with a larger one: a misspelt flag is no
 * bad commit, and neither is a defect of ours.
 */
const endsBisectRun = 128;

/** One line for what was thrown on purpose, everything for what was not. */
const explain = (error: unknown): void => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof PeftMatrixError) {
    process.stderr.write(`peft-matrix: ${error.message}\n`);
    process.exitCode = error.exitCode;
  } else if (error instanceof StoppedError) {
    process.stderr.write(`peft-matrix: ${error.message}\n`);
    process.exitCode = 130;
  } else {
    process.stderr.write(`peft-matrix: this is a defect of peft-matrix; please report it.\n`);
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 3;
  }
  const isOurFault = process.exitCode === 2 || process.exitCode === 3;
  if (isOurFault && process.argv.includes('--tree')) process.exitCode = endsBisectRun;
};

/**
 * A reader that went away (`peft-matrix run 2>&1 | head`) is no error, and must not change the exit code. What cannot be
 * written otherwise is told once; the command goes on to its end, so that its results are kept.
 */
const bearWriteErrors = (name: 'stdout' | 'stderr'): void => {
  let isTold = false;
  process[name].on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isTold) return;
    isTold = true;
    // At the very end: commands set the code when they are done.
    process.on('exit', () => {
      if (process.exitCode !== 2 && process.exitCode !== 130) process.exitCode = 3;
    });
    if (name === 'stdout') process.stderr.write(`peft-matrix: cannot write to stdout: ${error.message}\n`);
  });
};

/** Runs what the command line says. Whatever is thrown becomes words and an exit code. */
export const main = async (): Promise<void> => {
  for (const name of ['stdout', 'stderr'] as const) bearWriteErrors(name);
  try {
    await parse();
  } catch (error) {
    explain(error);
  }
};
