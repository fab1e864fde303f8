import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lock } from '../../../matrices/pin.ts';
import { storageError } from '../../local/cache-folder.ts';
import { installPackages, type Place } from '../../local/install-packages.ts';
import { resolverTarget } from '../../local/platform.ts';
import { sharedUv } from '../../local/uv.ts';
import type { Telling } from '../../telling.ts';
import { readDistributions, type Distribution } from './distributions.ts';
import type { Stage } from './stages.ts';

/** A stage's packages in a folder of this machine, until it is disposed of. */
export interface FilledStage extends AsyncDisposable {
  /** Holds the packages. */
  readonly folder: string;
  readonly distributions: readonly Distribution[];
}

/**
 * Installs a stage's packages on this machine, for the platform of the lock, with the same installer, indexes and wheels
 * as an environment's. So nothing that is needed for it ever reaches the engine: no address of an index, no login, no
 * certificate, no folder of wheels.
 *
 * @param root - The folder below which it is done; what a killed process left there of this stage is removed.
 */
export const fillStage = async (
  root: string,
  stage: Stage,
  lock: Lock,
  telling: Telling,
  signal: AbortSignal,
): Promise<FilledStage> => {
  const prefix = `${fillingPrefix}${stage.tag.split(':')[1] ?? ''}-`;
  await removeFillings(root, prefix);
  const uv = await sharedUv(telling, signal);
  const home = await mkdtemp(join(root, prefix)).catch((error: unknown) => {
    throw storageError(root, error);
  });
  const discard = (): Promise<void> => rm(home, { recursive: true, force: true }).catch(() => {});
  try {
    const folder = join(home, 'packages');
    await installPackages(
      uv,
      forImage(home, folder, lock),
      { ...lock, packages: stage.packages },
      telling.onStep,
      signal,
    );
    return { folder, distributions: await readDistributions(folder), [Symbol.asyncDispose]: discard };
  } catch (error) {
    await discard();
    throw error;
  }
};

const fillingPrefix = '.filling-';

/** Removes what killed processes left. Whoever calls it holds the lock of the builds that it names. */
export const removeFillings = async (root: string, prefix = fillingPrefix): Promise<void> => {
  for (const name of await readdir(root).catch(() => [])) {
    // An orphaned installer may still be writing: what cannot be removed now is removed later.
    if (name.startsWith(prefix)) await rm(join(root, name), { recursive: true, force: true }).catch(() => {});
  }
};

const forImage = (home: string, folder: string, lock: Lock): Place => ({
  folder: home,
  flags: ['--target', folder, '--python-version', lock.python, '--python-platform', resolverTarget(lock.platform)],
});
