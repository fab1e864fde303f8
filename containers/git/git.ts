import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { InfrastructureError, PeftMatrixError } from '../../matrices/errors.ts';
import type { Variables } from '../local/cache-folder.ts';
import type { CommandResult } from '../local/run-command.ts';
import { toolWords } from '../local/tool-words.ts';

/** How to call git. */
export interface GitCall {
  /** The repository: a bare one of ours, or the `.git` of somebody else's. Absent where git finds it (`-C`). */
  readonly gitDir?: string;
  /** Further variables, such as `GIT_INDEX_FILE`. */
  readonly variables?: Variables;
  readonly input?: string | Readable;
  /** Where commands that read or write files do so. */
  readonly workTree?: string;
  /** Whether it may read a repository on this machine's disk; only where the user named one. */
  readonly mayReadPaths?: boolean;
}

/**
 * Calls git and returns what it printed.
 *
 * The content of a repository is not ours: no hooks, no submodules, no filters, no prompts, and nothing of the user's
 * settings, which could bring any of them back. What the network asks for (proxies, certificates, an SSH agent, `.netrc`)
 * comes along.
 *
 * @throws InfrastructureError in git's own words.
 */
export const git = async (args: readonly string[], call: GitCall, signal: AbortSignal): Promise<string> => {
  const { ok, stdout, stderr } = await tryGit(args, call, signal);
  if (ok) return stdout;
  throw new InfrastructureError(
    `git ${args[0] ?? ''} failed${call.gitDir === undefined ? '' : ` in ${call.gitDir}`}:\n${toolWords(stderr)}`,
  );
};

/** The same, where a failure is an answer. Throws `InfrastructureError` when there is no git. */
export const tryGit = async (args: readonly string[], call: GitCall, signal: AbortSignal): Promise<CommandResult> => {
  signal.throwIfAborted();
  const { gitDir, input, workTree } = call;
  const places = [
    ...(gitDir === undefined ? [] : [`--git-dir=${gitDir}`]),
    ...(workTree === undefined ? [] : [`--work-tree=${workTree}`]),
  ];
  const result = await execa('git', [...places, ...settings, ...args], {
    env: { ...gitVariables(process.env, call.mayReadPaths === true), ...call.variables },
    extendEnv: false,
    cancelSignal: signal,
    reject: false,
    stripFinalNewline: true,
    maxBuffer: { stdout: 1e9, stderr: 1e6 },
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  signal.throwIfAborted();
  // What was to be read from us failed, not git.
  if (result.cause instanceof PeftMatrixError) throw result.cause;
  if (result.code === 'ENOENT') {
    throw new InfrastructureError('git cannot be run: install git 2.31 or newer, and see that it is on PATH.');
  }
  const { failed, stdout, stderr } = result;
  return { ok: !failed, stdout, stderr: failed && stderr === '' ? (result.shortMessage ?? '') : stderr };
};

const settings: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'credential.helper=',
  'fetch.recurseSubmodules=no',
  'submodule.recurse=false',
  // A line that has gone dead.
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
  // Packing would go on in the background, after its locks are given up.
  'gc.auto=0',
  'maintenance.auto=false',
].flatMap((setting) => ['-c', setting]);

const inherited =
  /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|SSH_AUTH_SOCK|(?:https?|all|no)_proxy|HTTPS?_PROXY|ALL_PROXY|NO_PROXY)$/;

const gitVariables = (variables: Variables, mayReadPaths: boolean): Variables => ({
  ...Object.fromEntries(Object.entries(variables).filter(([name]) => inherited.test(name))),
  ...(variables['SSL_CERT_FILE'] === undefined ? {} : { GIT_SSL_CAINFO: variables['SSL_CERT_FILE'] }),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '/bin/false',
  SSH_ASKPASS: '/bin/false',
  GIT_SSH_COMMAND: 'ssh -oBatchMode=yes',
  GIT_ALLOW_PROTOCOL: `https:http:ssh:git${mayReadPaths ? ':file' : ''}`,
  GIT_OPTIONAL_LOCKS: '0',
  LC_ALL: 'C',
});
