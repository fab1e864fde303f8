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
  const result = await execa(...(await dyingWithUs(file, args)), {
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

/** Of util-linux. By its path: the command may be given another PATH than ours. */
const setpriv = '/usr/bin/setpriv';

const dying = ['--pdeathsig', 'KILL', '--'] as const;

/**
 * The program in the hands of `setpriv`, where there is one: the kernel then ends it with us, also when we are killed -9.
 * Nobody would wait for an installation of gigabytes any more.
 */
const dyingWithUs = async (file: string, args: readonly string[]): Promise<[string, readonly string[]]> =>
  (await canDieWithUs()) ? [setpriv, [...dying, file, ...args]] : [file, args];

const canDieWithUs = (): Promise<boolean> => (asked ??= askSetpriv());

let asked: Promise<boolean> | undefined;

/** BusyBox has a setpriv too, that knows nothing of it. */
const askSetpriv = async (): Promise<boolean> => {
  const { failed } = await execa(setpriv, [...dying, 'true'], { reject: false });
  return !failed;
};
