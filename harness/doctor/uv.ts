import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from '../../containers/local/cache-folder.ts';
import type { Variables } from '../../containers/local/cache-folder.ts';
import type { Interpreter } from '../../containers/local/interpreters.ts';
import { runCommand } from '../../containers/local/run-command.ts';
import type { Finding } from '../../reports/machine-findings.ts';

/** uv on PATH or in our cache; else whether a Python is there to bring it along. Unlike a run it installs none. */
export const inspectUv = async (
  variables: Variables,
  python: Interpreter | undefined,
  signal: AbortSignal,
): Promise<Finding> => {
  const base = { id: 'uv', title: 'uv' };
  for (const path of ['uv', ...(await broughtAlong(variables))]) {
    const { ok, stdout } = await runCommand(path, ['--version'], { variables, timeoutMs: 30_000 }, signal);
    if (ok && stdout.startsWith('uv ')) {
      return { ...base, status: 'ok', says: `${stdout.trim()}${path === 'uv' ? ' on PATH' : ` at ${path}`}` };
    }
  }
  if (python !== undefined) {
    return { ...base, status: 'ok', says: `not here; the first run brings it along with pip of ${python.path}` };
  }
  const remedy = 'Install uv or any Python >= 3.8, so that it is on PATH.';
  return { ...base, status: 'problem', says: 'not here, and there is no Python to bring it along with', remedy };
};

const broughtAlong = async (variables: Variables): Promise<readonly string[]> => {
  const folder = join(cacheFolder(variables), 'uv');
  const names = await readdir(folder).catch((): string[] => []);
  return names.filter((name) => !name.startsWith('.')).map((name) => join(folder, name, 'bin', 'uv'));
};
