import { execa } from 'execa';
import type { Variables } from './cache-folder.ts';

/** What a command left behind. */
export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** What it said on stderr, or why it did not run at all. */
  readonly stderr: string;
}

/** How to run a command. */
export interface CommandOptions {
  /** All variables that the command gets; nothing is inherited beside them. */
  readonly variables: Variables;
  readonly input?: string;
  readonly cwd?: string;
  /** In milliseconds; none if absent. */
  readonly timeoutMs?: number;
}

/**
 * Runs a program to its end; a failure is a result, not an error. When `signal` aborts, the program and its descendants
 * are ended and the signal's reason is thrown.
 */
export const runCommand = async (
  file: string,
  args: readonly string[],
  options: CommandOptions,
  signal: AbortSignal,
): Promise<CommandResult> => {
  signal.throwIfAborted();
  const { variables, input, cwd, timeoutMs } = options;
  const result = await execa(file, args, {
    env: { ...variables },
    extendEnv: false,
    cancelSignal: signal,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  signal.throwIfAborted();
  const said = result.stderr ?? '';
  return {
    ok: !result.failed,
    stdout: result.stdout ?? '',
    stderr: said === '' && result.failed ? (result.shortMessage ?? `${file} failed`) : said,
  };
};
