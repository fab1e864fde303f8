import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, utimes, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { lockSchema } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import { cacheSubfolder, storageError, type Variables } from './cache-folder.ts';
import { tryLockFile } from './environment-lock.ts';
import { runCommand } from './run-command.ts';

/** One environment of the cache. */
export interface StoredEnvironment {
  /** Hash of its lock. */
  readonly id: string;
  readonly path: string;
  readonly lock: Lock;
  /** ISO timestamps. */
  readonly createdAt: string;
  readonly lastUsedAt: string;
  /**
   * Space that it takes beyond what it shares with environments used more recently: environments with the same torch
   * share its files. The package cache of uv shares them too, so removing one may free less (`uv cache clean`).
   */
  readonly sizeBytes: number;
  readonly inUse: boolean;
}

/** What `prune` may remove; at least one must be given. Environments in use always stay. */
export interface PruneOptions {
  readonly all?: boolean;
  /** Remove what was not used for so long, in milliseconds. */
  readonly unusedForMs?: number;
  /** Remove the least recently used until the rest takes no more than this, in bytes. */
  readonly limitBytes?: number;
}

/** What {@link pruneEnvironments} did. */
export interface Pruned {
  readonly removed: readonly StoredEnvironment[];
  /** What should have gone but is in use. */
  readonly kept: readonly StoredEnvironment[];
}

/** All complete environments, most recently used first. Throws `InfrastructureError`. */
export const listEnvironments = async (
  variables: Variables,
  signal: AbortSignal,
): Promise<readonly StoredEnvironment[]> => {
  const store = await openStore(variables);
  const names = (await readdir(store)).filter((name) => /^[0-9a-f]{12}$/.test(name));
  const found = await Promise.all(names.map((name) => readEnvironment(join(store, name))));
  const sorted = found
    .filter((environment) => environment !== undefined)
    .toSorted((left, right) => (left.lastUsedAt < right.lastUsedAt ? 1 : -1));
  const sizes = await measure(
    sorted.map(({ path }) => path),
    signal,
  );
  return sorted.map((environment, position) => {
    const { id, path, lock, createdAt, lastUsedAt } = environment;
    return { id, path, lock, createdAt, lastUsedAt, sizeBytes: sizes[position] ?? 0, inUse: isInUse(store, id) };
  });
};

/** Removes environments, and everything that interrupted builds and removals left. */
export const pruneEnvironments = async (
  options: PruneOptions,
  variables: Variables,
  signal: AbortSignal,
): Promise<Pruned> => {
  await sweep(await openStore(variables));
  const environments = await listEnvironments(variables, signal);
  const removed: StoredEnvironment[] = [];
  const kept: StoredEnvironment[] = [];
  for (const environment of choose(environments, options, Date.now())) {
    signal.throwIfAborted();
    const isGone = await removeEnvironment(environment.id, variables);
    (isGone ? removed : kept).push(environment);
  }
  return { removed, kept };
};

/** Removes one environment; false when it is in use or being built. */
export const removeEnvironment = async (id: string, variables: Variables): Promise<boolean> => {
  const store = await openStore(variables);
  using building = tryLockFile(buildLock(store, id), 'exclusive');
  if (building === undefined) return false;
  using use = tryLockFile(useLock(store, id), 'exclusive');
  if (use === undefined) return false;
  await discard(join(store, id));
  return true;
};

/** The folder of all environments, made if need be. */
export const openStore = async (variables: Variables): Promise<string> => {
  await cacheSubfolder(variables, 'environments', '.locks');
  return cacheSubfolder(variables, 'environments');
};

/** Held by the process that builds an environment, or removes it. */
export const buildLock = (store: string, id: string): string => join(store, '.locks', `${id}.build`);

/** Shared by all processes that use an environment; who removes it takes it alone. */
export const useLock = (store: string, id: string): string => join(store, '.locks', `${id}.use`);

/** What a build is called before it is complete, and an environment after it has been given up. */
export const temporaryName = (id: string, kind: 'building' | 'discarded', token: string): string =>
  `${id}.${kind}-${token}`;

/** Written last into an environment; without it there is none. */
export const recordName = 'environment.json';

const recordSchema = z.strictObject({
  lock: lockSchema,
  createdAt: z.iso.datetime(),
  /** Full version of the interpreter it was made with. */
  python: z.string(),
  uv: z.string(),
});

/** Marks an environment as used now. */
export const touch = async (path: string): Promise<void> => {
  const now = new Date();
  await utimes(join(path, recordName), now, now);
};

/** True when the environment is there, whole, and its interpreter has not been uninstalled since. */
export const isComplete = (path: string): boolean =>
  existsSync(join(path, recordName)) && existsSync(join(path, 'bin', 'python'));

/**
 * Moves a folder out of the way in one step, then removes it: who is killed in between leaves rubbish that the next
 * sweep finds, never half an environment.
 */
export const discard = async (path: string): Promise<void> => {
  if (!existsSync(path)) return;
  const token = process.hrtime.bigint().toString(36);
  const aside = join(path, '..', temporaryName(basename(path), 'discarded', `${process.pid}-${token}`));
  try {
    await rename(path, aside);
    await rm(aside, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw storageError(path, error);
  }
};

/** Removes what interrupted builds and removals left, except of environments that are being built now. */
export const sweep = async (store: string): Promise<void> => {
  for (const name of await readdir(store)) {
    const id = /^(?<id>[0-9a-f]{12})\.(?:building|discarded)-/.exec(name)?.groups?.['id'];
    if (id === undefined) continue;
    using turn = tryLockFile(buildLock(store, id), 'exclusive');
    // An orphaned installer may still be writing: what cannot be removed now is removed by a later sweep.
    if (turn !== undefined) await rm(join(store, name), { recursive: true, force: true }).catch(() => {});
  }
};

type Recorded = Omit<StoredEnvironment, 'sizeBytes' | 'inUse'>;

const readEnvironment = async (path: string): Promise<Recorded | undefined> => {
  const file = join(path, recordName);
  try {
    const { lock, createdAt } = recordSchema.parse(JSON.parse(await readFile(file, 'utf8')));
    const { mtime } = await stat(file);
    return { id: basename(path), path, lock, createdAt, lastUsedAt: mtime.toISOString() };
  } catch {
    // Not ours, or being removed.
    return undefined;
  }
};

const isInUse = (store: string, id: string): boolean => {
  using building = tryLockFile(buildLock(store, id), 'exclusive');
  using use = tryLockFile(useLock(store, id), 'exclusive');
  return building === undefined || use === undefined;
};

/** du counts a file with several links once, for the first folder that has it. */
const measure = async (paths: readonly string[], signal: AbortSignal): Promise<readonly number[]> => {
  if (paths.length === 0) return [];
  const { stdout } = await runCommand('du', ['-sk', ...paths], { variables: process.env }, signal);
  const sizes = new Map(
    stdout.split('\n').map((line) => [line.split('\t')[1] ?? '', Number.parseInt(line, 10) * 1024]),
  );
  return paths.map((path) => sizes.get(path) ?? 0);
};

const choose = (
  environments: readonly StoredEnvironment[],
  { all = false, unusedForMs = Infinity, limitBytes = Infinity }: PruneOptions,
  now: number,
): readonly StoredEnvironment[] => {
  let total = 0;
  return environments
    .filter(({ lastUsedAt, sizeBytes }) => {
      total += sizeBytes;
      return all || now - Date.parse(lastUsedAt) > unusedForMs || total > limitBytes;
    })
    .toReversed();
};
