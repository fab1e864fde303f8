import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gte } from '@renovatebot/pep440';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { Telling } from '../telling.ts';
import { cacheSubfolder, storageError, storageTrouble, type Variables } from './cache-folder.ts';
import { allInterpreters, noInterpreterError, searchAnyInterpreter } from './interpreters.ts';
import { bridgePipSettings, readPipSettings } from './pip-settings.ts';
import { runCommand, type CommandOptions, type CommandResult } from './run-command.ts';

/** A uv that runs, with the settings it is run with. */
export interface Uv {
  readonly path: string;
  readonly version: string;
  /** Settings taken over from pip that could not be, for people. */
  readonly warnings: readonly string[];
  /** Everything that uv is run with. May hold credentials: never log or keep it. */
  readonly variables: Variables;
  /** Runs uv; a failure is a result. */
  run(
    args: readonly string[],
    options: Partial<Pick<CommandOptions, 'input' | 'variables' | 'cwd' | 'timeoutMs'>>,
    signal: AbortSignal,
  ): Promise<CommandResult>;
}

/** From here on uv knows `--torch-backend`, which keeps gigabytes of accelerator libraries off a CPU. */
const oldestUv = '0.7.0';

/** What is brought along where the machine has no uv. */
const broughtUv = '0.13.9';

/**
 * uv from PATH, else from our cache, else brought along by whatever Python is there.
 *
 * @throws InfrastructureError when there is no Python to bring it along with, or that fails.
 */
export const findUv = async (variables: Variables, telling: Telling, signal: AbortSignal): Promise<Uv> => {
  const found = await askUv('uv', variables, signal);
  const usable = found !== undefined && gte(found, oldestUv);
  const path = usable ? 'uv' : await bringUv(variables, telling, signal);
  const uv = await equip(path, usable ? found : broughtUv, variables, signal);
  for (const warning of uv.warnings) telling.onWarning(warning);
  return uv;
};

/** One search a process, whose warnings go to the first that asks: its answer does not change while we run. */
export const sharedUv = (telling: Telling, signal: AbortSignal): Promise<Uv> => {
  const key = JSON.stringify([process.env['PATH'], process.env['XDG_CACHE_HOME']]);
  const search = searches.get(key) ?? findUv(process.env, telling, signal);
  searches.set(key, search);
  // An interrupted or failed search must not answer for the next one.
  search.catch(() => searches.delete(key));
  return search;
};

const searches = new Map<string, Promise<Uv>>();

const askUv = async (path: string, variables: Variables, signal: AbortSignal): Promise<string | undefined> => {
  const result = await runCommand(path, ['--version'], { variables, timeoutMs: 30_000 }, signal);
  return result.ok ? /^uv (?<version>\d+\.\d+\.\d+)/.exec(result.stdout)?.groups?.['version'] : undefined;
};

const equip = async (path: string, version: string, variables: Variables, signal: AbortSignal): Promise<Uv> => {
  const { interpreter } = await searchAnyInterpreter(variables, signal);
  const list = interpreter === undefined ? '' : await readPipSettings(interpreter.path, variables, signal);
  const pip = bridgePipSettings(list, variables);
  const settled: Variables = {
    ...variables,
    ...pip.variables,
    // Only on purpose: `fetchInterpreter` says when.
    UV_PYTHON_DOWNLOADS: 'never',
    UV_LINK_MODE: variables['UV_LINK_MODE'] ?? 'hardlink',
    UV_NO_PROGRESS: '1',
    NO_COLOR: '1',
    // A virtual environment that happens to be active is none of our business.
    VIRTUAL_ENV: undefined,
    CONDA_PREFIX: undefined,
  };
  return {
    path,
    version,
    warnings: pip.warnings,
    variables: settled,
    run: (args, { variables: more, ...options }, runSignal) =>
      runCommand(path, args, { ...options, variables: { ...settled, ...more } }, runSignal),
  };
};

/**
 * Installs the pinned uv into the cache with pip. Two processes that do it at once do it twice; the first to rename its
 * folder into place wins, and both use that.
 */
const bringUv = async (variables: Variables, { onStep }: Telling, signal: AbortSignal): Promise<string> => {
  const root = await cacheSubfolder(variables, 'uv');
  const home = join(root, broughtUv);
  const uv = join(home, 'bin', 'uv');
  if ((await askUv(uv, variables, signal)) === broughtUv) return uv;
  onStep(`installing uv ${broughtUv}`);
  const attempt = await mkdtemp(join(root, '.attempt-')).catch((error: unknown) => {
    throw storageError(root, error);
  });
  try {
    await installUv(attempt, variables, signal);
    await putInPlace(join(attempt, 'uv'), home);
  } finally {
    await rm(attempt, { recursive: true, force: true });
  }
  if ((await askUv(uv, variables, signal)) === broughtUv) return uv;
  throw new InfrastructureError(
    `uv was installed into ${home}, but does not run there. Remove that folder, or put uv ${oldestUv} or newer on PATH.`,
  );
};

const installUv = async (attempt: string, variables: Variables, signal: AbortSignal): Promise<void> => {
  const pythons = await allInterpreters(variables, signal);
  if (pythons.length === 0) {
    throw noInterpreterError('Python >= 3.8', await searchAnyInterpreter(variables, signal));
  }
  const refusals: string[] = [];
  for (const { path } of pythons) {
    const refusal = await pipInstall(path, attempt, variables, signal);
    if (refusal === undefined) return;
    if (storageTrouble(refusal) !== undefined) throw storageError(attempt, refusal);
    refusals.push(`  ${path}: ${refusal}`);
  }
  throw new InfrastructureError(
    `uv ${broughtUv} could not be installed. Tried pip of\n${refusals.join('\n')}\n` +
      `Put uv ${oldestUv} or newer on PATH, or let pip reach a package index (pip config set global.index-url ...).`,
  );
};

/** Installs uv into `attempt/uv`; says why not. Some Pythons have no pip of their own but can give it to a venv. */
const pipInstall = async (
  python: string,
  attempt: string,
  variables: Variables,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const options = { variables, cwd: attempt, timeoutMs: 300_000 };
  const install = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--target'];
  const arguments_ = [...install, join(attempt, 'uv'), `uv==${broughtUv}`];
  const direct = await runCommand(python, arguments_, options, signal);
  if (direct.ok) return undefined;
  if (!direct.stderr.includes('No module named pip')) return lastLines(direct.stderr);
  const venv = await runCommand(python, ['-m', 'venv', join(attempt, 'venv')], options, signal);
  if (!venv.ok) return `has no pip, and cannot make a venv (${lastLines(venv.stderr || venv.stdout)})`;
  const indirect = await runCommand(join(attempt, 'venv', 'bin', 'python'), arguments_, options, signal);
  return indirect.ok ? undefined : lastLines(indirect.stderr);
};

const putInPlace = async (from: string, to: string): Promise<void> => {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    const isThere = await stat(to).then(
      () => true,
      () => false,
    );
    if (!isThere) throw storageError(to, error);
  });
};

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join(' ');
