import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PeftMatrixError } from '../../matrices/errors.ts';
import type { Lock, ResolvedPin } from '../../matrices/pin.ts';
import { preloadName } from '../preload-record.ts';
import type { Telling } from '../telling.ts';
import { ensureEnvironment } from './build-environment.ts';
import { cacheSubfolder } from './cache-folder.ts';
import { checkInterpreter } from './interpreters.ts';

/** A Python that a probe can be started with; a built environment is kept from pruning until it is disposed of. */
export interface PreparedEnvironment extends Disposable {
  readonly kind: 'ready';
  readonly python: string;
  /** Where it is kept what the probe preloads; it lives and dies with the environment. */
  readonly preloadFile: string;
}

export interface BrokenEnvironment {
  readonly kind: 'broken';
  readonly reason: string;
}

/** The environment of a pin: built from its lock where it is not there yet, or the interpreter that the pin names. */
export const prepareEnvironment = async (
  { source }: ResolvedPin,
  telling: Telling,
  signal: AbortSignal,
): Promise<PreparedEnvironment | BrokenEnvironment> => {
  try {
    return source.kind === 'lock'
      ? await fromLock(source.lock, telling, signal)
      : await fromInterpreter(source.path, signal);
  } catch (error) {
    if (error instanceof PeftMatrixError && !signal.aborted) return { kind: 'broken', reason: error.message };
    throw error;
  }
};

const fromLock = async (lock: Lock, telling: Telling, signal: AbortSignal): Promise<PreparedEnvironment> => {
  const environment = await ensureEnvironment(lock, telling, signal);
  return {
    kind: 'ready',
    python: environment.python,
    preloadFile: join(environment.path, preloadName),
    [Symbol.dispose]: () => environment[Symbol.dispose](),
  };
};

const fromInterpreter = async (path: string, signal: AbortSignal): Promise<PreparedEnvironment> => {
  const interpreter = await checkInterpreter(path, process.env, signal);
  const name = createHash('sha256').update(interpreter.path).digest('hex').slice(0, 12);
  const folder = await cacheSubfolder(process.env, 'interpreters', name);
  return {
    kind: 'ready',
    python: interpreter.path,
    preloadFile: join(folder, preloadName),
    [Symbol.dispose]: () => {},
  };
};
