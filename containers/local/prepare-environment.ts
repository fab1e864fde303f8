import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PeftMatrixError } from '../../matrices/errors.ts';
import type { Lock, PinSource, ResolvedPin, SourceTree } from '../../matrices/pin.ts';
import { preloadName } from '../preload-record.ts';
import type { Telling } from '../telling.ts';
import { ensureEnvironment } from './build-environment.ts';
import { cacheSubfolder } from './cache-folder.ts';
import { checkInterpreter } from './interpreters.ts';
import { overlayTree } from './overlay-tree.ts';

/** A Python that a probe can be started with; a built environment is kept from pruning until it is disposed of. */
export interface PreparedEnvironment extends Disposable {
  readonly kind: 'ready';
  readonly python: string;
  /** A folder whose packages come before the installed ones, if there is one. */
  readonly overlay?: string;
  /** Where it is kept what the probe preloads; it lives and dies with the environment. */
  readonly preloadFile: string;
}

export interface BrokenEnvironment {
  readonly kind: 'broken';
  readonly reason: string;
}

/** The environment of a pin: built from its lock where it is not there yet, or the interpreter that the pin names; a source tree laid over it. */
export const prepareEnvironment = async (
  { source }: ResolvedPin,
  telling: Telling,
  signal: AbortSignal,
): Promise<PreparedEnvironment | BrokenEnvironment> => {
  try {
    return await prepare(source, telling, signal);
  } catch (error) {
    if (error instanceof PeftMatrixError && !signal.aborted) return { kind: 'broken', reason: error.message };
    throw error;
  }
};

const prepare = (source: PinSource, telling: Telling, signal: AbortSignal): Promise<PreparedEnvironment> => {
  switch (source.kind) {
    case 'lock':
      return fromLock(source.lock, telling, signal);
    case 'interpreter':
      return fromInterpreter(source.path, signal);
    case 'tree':
      return fromTree(source, telling, signal);
  }
};

/** What its modules import beyond themselves is settled for all trees on a lock at once: they differ by little. */
const fromTree = async (tree: SourceTree, telling: Telling, signal: AbortSignal): Promise<PreparedEnvironment> => {
  using stack = new DisposableStack();
  const environment = stack.use(await ensureEnvironment(tree.lock, telling, signal));
  const overlay = await overlayTree(tree, environment.python, telling, signal);
  const owned = stack.move();
  return {
    kind: 'ready',
    python: environment.python,
    overlay,
    preloadFile: join(environment.path, `${tree.package}-tree-${preloadName}`),
    [Symbol.dispose]: () => owned.dispose(),
  };
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
