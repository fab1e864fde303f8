import type { ImageInspectInfo } from 'dockerode';
import type { Lock } from '../../../matrices/pin.ts';
import { lockFile } from '../../local/environment-lock.ts';
import type { Telling } from '../../telling.ts';
import type { Engine } from '../engine.ts';
import { ensureBaseImage, inspectImage } from './base-image.ts';
import { fillStage } from './fill-stage.ts';
import { changesOf, packagesOf, type Origin } from './image-config.ts';
import { buildLock, markUsed, openImages, pruneLock } from './images-folder.ts';
import { refuseForeignLock } from './engine-platform.ts';
import { commitStage } from './stage-container.ts';
import { codeFolders, filesOf, probeHash, recipeHash, stageProgram } from './stage-files.ts';
import { stagesOf, type Stage } from './stages.ts';

/** The image of a lock. */
export interface LockImage {
  readonly id: string;
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Size of everything in it, and of what had to be built for it now, in bytes. */
  readonly sizeBytes: number;
  readonly builtBytes: number;
}

export interface ImageOptions {
  /** Image that the first stage is built on; `{python}` stands for the lock's Python, such as 3.11. */
  readonly baseImage: string;
}

/**
 * The image of a lock: the engine's, or a new one, of which only those stages are built that no other lock has needed.
 *
 * Any number of processes may ask at once: one builds a stage, the others wait and say so. Killed at any moment, it
 * leaves whole images alone.
 *
 * @throws InfrastructureError when it cannot be built: in the words of the installer, the engine or the registry.
 */
export const ensureImage = async (
  engine: Engine,
  lock: Lock,
  options: ImageOptions,
  telling: Telling,
  signal: AbortSignal,
): Promise<LockImage> => {
  await refuseForeignLock(engine, lock, signal);
  const folder = await openImages();
  using unpruned = await lockFile(pruneLock(folder), 'shared', waiting(telling, 'prunes images'), signal);
  void unpruned;
  const reference = options.baseImage.replaceAll('{python}', lock.python);
  const base = await ensureBaseImage(engine, reference, telling, signal);
  const recipe = await recipeHash();
  const stages = stagesOf(lock, [base.Id, recipe], await probeHash());
  const present = await lastPresent(engine, stages, signal);
  const origin: Origin = { lock, base: { reference, id: base.Id }, recipe };
  let image = present?.image ?? base;
  for (const stage of stages.slice(present === undefined ? 0 : stages.indexOf(present.stage) + 1)) {
    image = await ensureStage({ engine, folder, stage, parent: image, origin, telling, signal });
  }
  await markUsed(image.Id);
  return {
    id: image.Id,
    tag: stages.at(-1)?.tag ?? image.Id,
    labels: image.Config.Labels ?? {},
    sizeBytes: image.Size,
    builtBytes: image.Size - (present?.image ?? base).Size,
  };
};

interface Present {
  readonly stage: Stage;
  readonly image: ImageInspectInfo;
}

/** The stages before one that is there need not have names any more. */
const lastPresent = async (
  engine: Engine,
  stages: readonly Stage[],
  signal: AbortSignal,
): Promise<Present | undefined> => {
  for (const stage of stages.toReversed()) {
    const image = await inspectImage(engine, stage.tag, signal);
    if (image !== undefined) return { stage, image };
  }
  return undefined;
};

interface StageTask {
  readonly engine: Engine;
  readonly folder: string;
  readonly stage: Stage;
  readonly parent: ImageInspectInfo;
  readonly origin: Origin;
  readonly telling: Telling;
  readonly signal: AbortSignal;
}

const ensureStage = async (task: StageTask): Promise<ImageInspectInfo> => {
  const { engine, folder, stage, telling, signal } = task;
  const onWait = waiting(telling, 'builds the same image');
  using turn = await lockFile(buildLock(folder, stage), 'exclusive', onWait, signal);
  void turn;
  const others = await inspectImage(engine, stage.tag, signal);
  if (others !== undefined) return others;
  await buildStage(task);
  const built = await inspectImage(engine, stage.tag, signal);
  if (built === undefined) throw new Error(`the engine has just made ${stage.tag} and does not have it`);
  return built;
};

const buildStage = async ({ engine, folder, stage, parent, origin, telling, signal }: StageTask): Promise<void> => {
  const { lock } = origin;
  await using filled = await fillStage(folder, stage, lock, telling, signal);
  telling.onStep(`building the image's layer of ${stage.name}`);
  const packages = packagesOf(parent, stage, filled.distributions);
  await commitStage(
    engine,
    {
      parent: parent.Id,
      files: await filesOf(stage, filled),
      command: ['env', 'PYTHONHASHSEED=0', 'python3', stageProgram, lock.python, ...codeFolders(stage)],
      tag: stage.tag,
      comment: `peft-matrix: ${stage.name}`,
      changes: changesOf(origin, stage, parent.Id, packages),
    },
    signal,
  );
};

const waiting =
  ({ onStep }: Telling, what: string) =>
  (): void =>
    onStep(`waiting for another process that ${what}`);
