import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InfrastructureError } from '../../matrices/errors.ts';
import { lockId } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { Telling } from '../telling.ts';
import { storageError, storageTrouble } from './cache-folder.ts';
import { lockFile } from './environment-lock.ts';
import {
  buildLock,
  discard,
  isComplete,
  openStore,
  pruneEnvironments,
  recordName,
  temporaryName,
  touch,
  useLock,
} from './environment-store.ts';
import { findInterpreter } from './find-interpreter.ts';
import { inEnvironment, installPackages } from './install-packages.ts';
import { hostPlatform } from './platform.ts';
import { toolWords } from './tool-words.ts';
import { sharedUv } from './uv.ts';

/** An environment that is there and stays there until it is disposed of. */
export interface Environment extends Disposable {
  /** Hash of its lock. */
  readonly id: string;
  readonly path: string;
  /** Its Python executable. */
  readonly python: string;
}

/**
 * The environment of a lock: the one in the cache, or a new one.
 *
 * Any number of processes may ask at once: one builds, the others wait and say so. Killed at any moment, it leaves
 * either a whole environment or none.
 *
 * @throws InfrastructureError when it cannot be built, in the tool's own words.
 */
export const ensureEnvironment = async (lock: Lock, telling: Telling, signal: AbortSignal): Promise<Environment> => {
  refuseForeign(lock);
  const store = await openStore(process.env);
  const id = lockId(lock);
  const path = join(store, id);
  const onWait = (): void => telling.onStep('waiting for the same environment, which is being built already');
  using turn = await lockFile(buildLock(store, id), 'exclusive', onWait, signal);
  void turn;
  const isNew = !isComplete(path);
  if (isNew) await build(store, id, lock, telling, signal);
  else await touch(path);
  const use = await lockFile(useLock(store, id), 'shared', () => {}, signal);
  if (isNew) await keepToLimit(signal);
  return { id, path, python: join(path, 'bin', 'python'), [Symbol.dispose]: () => use[Symbol.dispose]() };
};

/** Bytes that all environments together may take: `PEFT_MATRIX_CACHE_LIMIT_GB`, or 60 GB. */
export const cacheLimitBytes = (setting = process.env['PEFT_MATRIX_CACHE_LIMIT_GB']): number => {
  const gigabytes = setting === undefined || setting === '' ? 60 : Number(setting);
  if (gigabytes > 0) return gigabytes * 1e9;
  throw new InfrastructureError(`PEFT_MATRIX_CACHE_LIMIT_GB is "${setting}": give a number of gigabytes, such as 60.`);
};

/**
 * Builds under another name and renames the result into place. Building in place would do as long as one process
 * builds, but an installer that outlives its killed parent for a moment would write into its successor's work. A virtual
 * environment can be renamed when it is made `--relocatable`: its scripts then find their Python relative to themselves.
 */
const build = async (store: string, id: string, lock: Lock, telling: Telling, signal: AbortSignal): Promise<void> => {
  const path = join(store, id);
  await discard(path);
  const attempt = join(store, temporaryName(id, 'building', randomBytes(4).toString('hex')));
  try {
    const uv = await sharedUv(telling, signal);
    const interpreter = await findInterpreter(lock.python, telling, signal);
    telling.onStep(`making an environment with Python ${interpreter.version}`);
    const made = await uv.run(
      ['venv', '--relocatable', '--quiet', '--python', interpreter.path, attempt],
      { cwd: store },
      signal,
    );
    if (!made.ok) throw venvError(attempt, made.stderr);
    await installPackages(uv, inEnvironment(attempt), lock, telling.onStep, signal);
    const record = { lock, createdAt: new Date().toISOString(), python: interpreter.version, uv: uv.version };
    await writeFile(join(attempt, recordName), `${JSON.stringify(record, null, 2)}\n`);
    await rename(attempt, path);
  } catch (error) {
    await rm(attempt, { recursive: true, force: true }).catch(() => {});
    throw isStorageError(error) ? storageError(store, error) : error;
  }
};

const keepToLimit = async (signal: AbortSignal): Promise<void> => {
  await pruneEnvironments({ limitBytes: cacheLimitBytes() }, process.env, signal);
};

const refuseForeign = ({ platform }: Lock): void => {
  const host = hostPlatform();
  if (platform === host) return;
  throw new InfrastructureError(`The lock is for ${platform}, this machine is ${host}: resolve the pin again here.`);
};

const venvError = (attempt: string, words: string): InfrastructureError =>
  storageTrouble(words) === undefined
    ? new InfrastructureError(`No virtual environment can be made:\n${toolWords(words)}`)
    : storageError(dirname(attempt), toolWords(words));

const isStorageError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && 'code' in error && storageTrouble(String(error.code)) !== undefined;
