import { ownLabel, processLabel } from '../labels.ts';

/** What images say of themselves, beside the labels that everything of ours has. */
export const imageLabels = {
  /** Hash of the lock; on the image of a lock alone. */
  lock: 'peft-matrix.lock',
  /** JSON of everything that is installed, name to version, with what came along and local parts of versions. */
  packages: 'peft-matrix.packages',
  /** `major.minor`. */
  python: 'peft-matrix.python',
  device: 'peft-matrix.device',
  platform: 'peft-matrix.platform',
  stage: 'peft-matrix.stage',
  /** Id of the image that the stage was built on. */
  parent: 'peft-matrix.parent',
  /** The base image as it was asked for, and its id. */
  base: 'peft-matrix.base',
  baseId: 'peft-matrix.base-id',
  recipe: 'peft-matrix.recipe',
} as const;

/** The value of {@link ownLabel}: on images of locks and of stages, and on containers that are becoming one. */
export const imageKinds = { lock: 'image', stage: 'stage', building: 'build' } as const;

/** Containers inherit their image's labels: one that somebody else starts must not look like ours to sweep. */
export const kindLabels = (isLast: boolean): Readonly<Record<string, string>> => ({
  [ownLabel]: isLast ? imageKinds.lock : imageKinds.stage,
  [processLabel]: '',
});

/** An image id without its kind of hash, which Podman leaves out. */
export const bareId = (id: string): string => id.replace(/^sha256:/, '');
