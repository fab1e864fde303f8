import { delimiter } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { probeWords, type ProbeWords, type RunningProbe } from '../open-probe.ts';
import { ProbeConnection } from '../probe-connection.ts';

const probeFolder = fileURLToPath(new URL('../probe', import.meta.url));

/** What of our own environment a probe may see. No tokens: the code that it runs is not ours. */
const allowedVariables =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TZ|LANG|LC_\w+|TMPDIR|LD_LIBRARY_PATH|CUDA_\w+|NCCL_\w+|GLOO_\w+|NVIDIA_\w+|PEFT_MATRIX_\w+)$/;

export interface ProbeProcessOptions extends ProbeWords {
  readonly python: string;
  /** A folder whose packages come before the installed ones. */
  readonly overlay?: string | undefined;
  /** UUIDs of the GPUs that it may see; undefined for those that we see. */
  readonly visibleDevices?: readonly string[] | undefined;
  /** A Python file that takes the place of the cell; for tests. */
  readonly program?: string;
}

/** A probe as a child process: the connection to it, and its end. */
export interface ProbeProcess extends RunningProbe {
  readonly pid: number | undefined;
}

/**
 * Starts a probe. It runs in a process group of its own, so that Ctrl-C on the terminal reaches the harness alone, and
 * ends when its stdin closes, however the harness died.
 */
export const startProbeProcess = (options: ProbeProcessOptions): ProbeProcess => {
  const child = execa(options.python, probeArguments(options), {
    cwd: '/',
    env: {
      ...probeEnvironment(process.env, options.overlay),
      ...(options.visibleDevices === undefined ? {} : { CUDA_VISIBLE_DEVICES: options.visibleDevices.join(',') }),
    },
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    buffer: false,
    reject: false,
    detached: true,
    cleanup: true,
  });
  const connection = new ProbeConnection({ stdin: child.stdin, stdout: child.stdout, stderr: child.stderr });
  const ended = child.then((result) => connection.fail(describeEnd(result)));
  child.nodeChildProcess.once('exit', () => {
    // Something that outlived the probe may hold its output open: nobody waits for that.
    const overdue = setTimeout(() => letGo(child), outlivingMs);
    void ended.then(() => clearTimeout(overdue));
  });
  return {
    connection,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      connection.close();
      const overdue = setTimeout(() => child.kill('SIGKILL'), leavingMs);
      await ended;
      clearTimeout(overdue);
    },
  };
};

/** How long a probe has to leave once its stdin is closed, in milliseconds. */
const leavingMs = 5_000;

/** How long its output is read on after it has ended, in milliseconds. */
const outlivingMs = 1_000;

const letGo = ({ stdout, stderr }: { readonly stdout: Readable; readonly stderr: Readable }): void => {
  stdout.destroy();
  stderr.destroy();
};

const probeArguments = (options: ProbeProcessOptions): string[] => [
  '-m',
  'peft_matrix_probe',
  ...probeWords(options),
  ...(options.program === undefined ? [] : ['--program', options.program]),
];

/** What a process with the probe's package, and that of an overlay, sees of ours. */
export const probeEnvironment = (environment: NodeJS.ProcessEnv, overlay?: string): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && allowedVariables.test(entry[0]),
    ),
  ),
  PYTHONPATH: [probeFolder, ...(overlay === undefined ? [] : [overlay])].join(delimiter),
});

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly shortMessage?: string | undefined;
}

const describeEnd = ({ exitCode, signal, shortMessage }: Ended): string => {
  if (signal !== undefined) return `the probe was killed by ${signal}`;
  if (exitCode === undefined) return `the probe could not be started: ${shortMessage ?? 'no reason given'}`;
  return `the probe ended with exit code ${exitCode}`;
};
