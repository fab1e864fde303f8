import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { makeFolder } from '../../containers/local/make-folder.ts';
import { resolveLock } from '../../containers/local/resolve-lock.ts';
import type { Telling } from '../../containers/telling.ts';
import { InfrastructureError } from '../../matrices/errors.ts';
import { formatLock, mismatch, readLock, type LockRequest } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import { canonicalJson } from '../cell-key.ts';
import { orExplain, writeAtomically } from '../write-atomically.ts';

/** A lock, or why there is none, in the resolver's own words. */
export type Resolved =
  | { readonly kind: 'lock'; readonly lock: Lock }
  | { readonly kind: 'impossible'; readonly reason: string };

/** Resolves what a bisect asks for, each request once. */
export interface Locks {
  /** What was resolved on another day; undefined where it has to be resolved first. */
  readonly find: (request: LockRequest) => Promise<Lock | undefined>;
  readonly resolve: (request: LockRequest) => Promise<Resolved>;
}

/** Locks that are kept in `locks/bisect/` of the results, under a name that says what was asked. */
export const keptLocks = (resultsPath: string, telling: Telling, signal: AbortSignal): Locks => {
  const folder = join(resultsPath, 'locks', 'bisect');
  const fileOf = (request: LockRequest): string => join(folder, `${hashOf(request)}.json`);
  const find = async (request: LockRequest): Promise<Lock | undefined> => {
    const kept = await readLock(fileOf(request));
    return kept === undefined || mismatch(kept, request) !== undefined ? undefined : kept;
  };
  const resolveAnew = async (request: LockRequest): Promise<Resolved> => {
    const kept = await find(request);
    if (kept !== undefined) return { kind: 'lock', lock: kept };
    try {
      const lock = await resolveLock(request, telling, signal);
      await orExplain(folder, async () => {
        await makeFolder(folder);
        await writeAtomically(fileOf(request), formatLock(lock));
      });
      return { kind: 'lock', lock };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof InfrastructureError) return { kind: 'impossible', reason: error.message };
      throw error;
    }
  };
  return { find, resolve: onceEach(resolveAnew) };
};

/** No request is resolved twice, nor by two askers at the same time. */
const onceEach = (resolve: Locks['resolve']): Locks['resolve'] => {
  const known = new Map<string, Promise<Resolved>>();
  return (request) => {
    const key = hashOf(request);
    const resolved = known.get(key) ?? resolve(request);
    known.set(key, resolved);
    return resolved;
  };
};

const hashOf = (request: LockRequest): string =>
  createHash('sha256').update(canonicalJson(request)).digest('hex').slice(0, 16);
