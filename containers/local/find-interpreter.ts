import { InfrastructureError } from '../../matrices/errors.ts';
import type { Telling } from '../telling.ts';
import { describeSearch, noInterpreterError, searchInterpreter, type Interpreter } from './interpreters.ts';
import { sharedUv } from './uv.ts';

/**
 * An interpreter of a version (`3.11`): one of this machine, and only when there is none one that uv fetches.
 *
 * @throws InfrastructureError with everything that was looked at.
 */
export const findInterpreter = async (version: string, telling: Telling, signal: AbortSignal): Promise<Interpreter> => {
  const search = await searchInterpreter(version, process.env, signal);
  if (search.interpreter !== undefined) return search.interpreter;
  telling.onStep(`fetching Python ${version}`);
  const uv = await sharedUv(telling, signal);
  const managed = ['--managed-python', version] as const;
  const fetched = await uv.run(
    ['python', 'install', version],
    { variables: { UV_PYTHON_DOWNLOADS: 'manual' } },
    signal,
  );
  // One that was fetched earlier is found although fetching again fails.
  const found = await uv.run(['python', 'find', ...managed], {}, signal);
  if (!found.ok) {
    throw noInterpreterError(`Python ${version}`, search, `Fetching it failed: ${fetched.stderr.trim()}\n`);
  }
  const path = found.stdout.trim();
  const checked = await searchInterpreter(version, { ...process.env, PATH: path.replace(/\/[^/]+$/, '') }, signal);
  if (checked.interpreter !== undefined) return checked.interpreter;
  throw new InfrastructureError(`Python ${version} was fetched but does not run:\n${describeSearch(checked)}`);
};
