import { lockId } from '../../../matrices/lock.ts';
import type { Lock } from '../../../matrices/pin.ts';
import { isAcceleratorPackage } from '../../local/resolve-lock.ts';
import { shortHash } from '../../local/short-hash.ts';

interface StageKind {
  readonly name: string;
  readonly holds: (packageName: string) => boolean;
}

/** From what is largest and changes least to what differs from pin to pin: locks share the first ones. */
const kinds: readonly [...StageKind[], StageKind] = [
  { name: 'torch', holds: (name) => name === 'torch' || isAcceleratorPackage(name) },
  { name: 'libraries', holds: (name) => kinds.every((kind) => kind.name === 'libraries' || !kind.holds(name)) },
  { name: 'transformers', holds: (name) => name === 'transformers' },
  { name: 'peft', holds: (name) => name === 'peft' },
];

/** One step from the base image to the image of a lock; an image of its own, which other locks build on. */
export interface Stage {
  readonly name: string;
  /** Names the image by everything that it is made from. */
  readonly tag: string;
  /** What the stage adds, of the lock. */
  readonly packages: Readonly<Record<string, string>>;
  /** Whether a package that came along with those belongs to this stage. */
  readonly holds: (packageName: string) => boolean;
  /** The image of the lock itself, with the probe in it. */
  readonly isLast: boolean;
}

/** Where the images of stages and of locks are named. */
export const stageRepository = 'peft-matrix/stage';
export const lockRepository = 'peft-matrix/lock';

/**
 * The chain of images that leads to a lock's.
 *
 * Sharing hangs on these names alone and on no builder's cache: two locks that begin with the same packages on the same
 * base image have the same stages.
 *
 * @param foundation - Hashes of what all stages are made with: base image and recipe.
 * @param probe - Hash of the probe, which is in the last stage.
 */
export const stagesOf = (lock: Lock, foundation: readonly string[], probe: string): readonly Stage[] => {
  const stages: Stage[] = [];
  let key = shortHash([...foundation, lock.python, lock.device, lock.platform]);
  for (const { name, holds } of kinds) {
    const isLast = name === kinds.at(-1)?.name;
    const packages = Object.fromEntries(
      Object.entries(lock.packages)
        .filter(([packageName]) => holds(packageName))
        .toSorted(([left], [right]) => (left < right ? -1 : 1)),
    );
    if (!isLast && Object.keys(packages).length === 0) continue;
    key = shortHash([key, name, JSON.stringify(packages), ...(isLast ? [probe] : [])]);
    const tag = isLast ? `${lockRepository}:${lockId(lock)}-${key}` : `${stageRepository}:${key}`;
    stages.push({ name, tag, packages, holds, isLast });
  }
  return stages;
};
