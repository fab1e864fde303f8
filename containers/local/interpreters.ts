import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import * as z from 'zod';
import { InfrastructureError, InputError } from '../../matrices/errors.ts';
import { parseJson } from '../../matrices/parse-json.ts';
import type { Variables } from './cache-folder.ts';
import { runCommand } from './run-command.ts';

/** A Python that was run and answered. */
export interface Interpreter {
  /** Of the real executable, not of a shim or link to it. */
  readonly path: string;
  /** Full version, e.g. `3.11.7`. */
  readonly version: string;
}

/** A candidate that was no use, and why, in its own words. */
interface Rejected {
  readonly path: string;
  readonly reason: string;
}

/** What a search gave. */
export interface Search {
  readonly interpreter: Interpreter | undefined;
  readonly rejected: readonly Rejected[];
}

/**
 * The first interpreter of a version (`3.11`) on this machine: on PATH by its exact name, then by a general one, then
 * under pyenv, newest patch first. Each is really run: shims and broken builds are passed over.
 */
export const searchInterpreter = (version: string, variables: Variables, signal: AbortSignal): Promise<Search> =>
  firstThat(
    [
      ...onPath([`python${version}`, 'python3', 'python'], variables),
      ...underPyenv(variables).filter(({ name }) => name.startsWith(`${version}.`)),
    ],
    (interpreter) => (minorOf(interpreter) === version ? undefined : `is Python ${interpreter.version}`),
    variables,
    signal,
  );

/** Every interpreter that runs, is at least 3.8, and lies on PATH or under pyenv; each real executable once. */
export const allInterpreters = async (variables: Variables, signal: AbortSignal): Promise<readonly Interpreter[]> => {
  const candidates = [...onPath(['python3', 'python', ...minors.map((minor) => `python3.${minor}`)], variables)];
  const found = new Map<string, Interpreter>();
  for (const { path } of [...candidates, ...underPyenv(variables)]) {
    const interpreter = await askInterpreter(path, variables, signal);
    if ('version' in interpreter && isSupported(interpreter)) found.set(interpreter.path, interpreter);
  }
  return [...found.values()];
};

/** The first interpreter of at least 3.8, whatever its version. */
export const searchAnyInterpreter = (variables: Variables, signal: AbortSignal): Promise<Search> =>
  firstThat(
    [
      ...onPath(['python3', 'python'], variables),
      ...underPyenv(variables),
      ...onPath(
        minors.map((minor) => `python3.${minor}`),
        variables,
      ),
    ],
    (interpreter) => (isSupported(interpreter) ? undefined : `is Python ${interpreter.version}, older than 3.8`),
    variables,
    signal,
  );

/**
 * The interpreter of an environment that is taken as it is (`interpreter:` in a matrix).
 *
 * Its path stays as it was given: behind it may be a virtual environment, which is found by that path.
 *
 * @throws InputError when nothing is there or it does not run.
 */
export const checkInterpreter = async (
  path: string,
  variables: Variables,
  signal: AbortSignal,
): Promise<Interpreter> => {
  const advice = 'Give the path of a Python executable, such as .venv/bin/python, relative to the matrix file.';
  if (!existsSync(path)) throw new InputError(`interpreter ${path}: there is no such file. ${advice}`);
  if (statSync(path).isDirectory()) throw new InputError(`interpreter ${path}: is a folder. ${advice}`);
  if (!isExecutable(path)) throw new InputError(`interpreter ${path}: is not an executable file. ${advice}`);
  const answer = await askInterpreter(path, variables, signal);
  if (!('version' in answer)) throw new InputError(`interpreter ${path}: ${answer.reason}. ${advice}`);
  if (isSupported(answer)) return { path, version: answer.version };
  throw new InputError(`interpreter ${path}: is Python ${answer.version}; 3.8 is the oldest that can be used.`);
};

/** What was looked at, one a line, for an error message. */
export const describeSearch = ({ rejected }: Search): string =>
  rejected.length === 0
    ? '  (no python on PATH, none under pyenv)'
    : rejected.map(({ path, reason }) => `  ${path}: ${reason}`).join('\n');

/** The error for a machine on which no Python of any use is found. */
export const noInterpreterError = (wanted: string, search: Search, more = ''): InfrastructureError =>
  new InfrastructureError(
    `No ${wanted} was found on this machine. Looked at:\n${describeSearch(search)}\n${more}` +
      `Install ${wanted} (a package of the system, pyenv, or a download), so that it is on PATH or under pyenv.`,
  );

interface Candidate {
  readonly name: string;
  readonly path: string;
}

const minors = [14, 13, 12, 11, 10, 9, 8] as const;

const firstThat = async (
  candidates: readonly Candidate[],
  objection: (interpreter: Interpreter) => string | undefined,
  variables: Variables,
  signal: AbortSignal,
): Promise<Search> => {
  const rejected: Rejected[] = [];
  for (const { path } of candidates) {
    const answer = await askInterpreter(path, variables, signal);
    const reason = 'version' in answer ? objection(answer) : answer.reason;
    if (reason === undefined && 'version' in answer) return { interpreter: answer, rejected };
    rejected.push({ path, reason: reason ?? '' });
  }
  return { interpreter: undefined, rejected };
};

/** ctypes: builds without libffi exist, and torch cannot be imported there. */
const question = `
import json, sys, sysconfig, ctypes
print(json.dumps({
    "path": sys.executable, "version": "%d.%d.%d" % sys.version_info[:3], "implementation": sys.implementation.name,
    "threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
}))`;

const answerSchema = z.object({
  path: z.string(),
  version: z.string(),
  implementation: z.string(),
  threaded: z.boolean(),
});

const askInterpreter = async (
  path: string,
  variables: Variables,
  signal: AbortSignal,
): Promise<Interpreter | Rejected> => {
  const result = await runCommand(path, ['-I', '-c', question], { variables, timeoutMs: 30_000 }, signal);
  if (!result.ok) return { path, reason: `does not run (${lastLine(result.stderr)})` };
  const answer = answerSchema.safeParse(parseJson(result.stdout));
  if (!answer.success) return { path, reason: `does not answer as Python does (${lastLine(result.stdout)})` };
  if (answer.data.implementation !== 'cpython')
    return { path, reason: `is ${answer.data.implementation}, not CPython` };
  if (answer.data.threaded) return { path, reason: 'is a free-threaded build, for which there are few wheels' };
  return { path: answer.data.path, version: answer.data.version };
};

const minorOf = ({ version }: Interpreter): string => version.split('.').slice(0, 2).join('.');

const isSupported = ({ version }: Interpreter): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 3 && minor >= 8;
};

const onPath = (names: readonly string[], variables: Variables): readonly Candidate[] =>
  names.flatMap((name) =>
    (variables['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => ({ name, path: join(folder, name) }))
      .filter(({ path }) => isExecutable(path)),
  );

const underPyenv = (variables: Variables): readonly Candidate[] => {
  const root = variables['PYENV_ROOT'] ?? join(variables['HOME'] ?? homedir(), '.pyenv');
  const folder = join(root, 'versions');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^\d+\.\d+\.\d+$/.test(name))
    .toSorted((left, right) => right.localeCompare(left, 'en', { numeric: true }))
    .map((name) => ({ name, path: join(folder, name, 'bin', 'python') }))
    .filter(({ path }) => isExecutable(path));
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';
