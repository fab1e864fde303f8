import { lockFile } from '../../local/environment-lock.ts';
import type { Telling } from '../../telling.ts';
import { answerLimitMs, type Engine } from '../engine.ts';
import { askEngine, statusOf } from './ask-engine.ts';
import { removeFillings } from './fill-stage.ts';
import { forget, openImages, pruneLock } from './images-folder.ts';
import { takeStock, type StoredImage, type StoredStage } from './stored-images.ts';

/** What `pruneImages` may remove; images of which there is a container always stay. */
export interface ImagePruneOptions {
  readonly all?: boolean;
  /** Remove what was not used for so long, in milliseconds. */
  readonly unusedForMs?: number;
}

/** What {@link pruneImages} did. */
export interface PrunedImages {
  readonly removed: readonly StoredImage[];
  /** What should have gone but is in use. */
  readonly kept: readonly StoredImage[];
  /** Stages that no image of a lock needs any more. */
  readonly stages: readonly StoredStage[];
}

/**
 * Removes images of locks, then the stages that none of the others needs. Waits for builds that are under way.
 *
 * @throws InfrastructureError
 */
export const pruneImages = async (
  engine: Engine,
  { all = false, unusedForMs = Infinity }: ImagePruneOptions,
  telling: Telling,
  signal: AbortSignal,
): Promise<PrunedImages> => {
  const folder = await openImages();
  const onWait = (): void => telling.onStep('waiting for processes that build images');
  using alone = await lockFile(pruneLock(folder), 'exclusive', onWait, signal);
  void alone;
  await removeFillings(folder);
  const removed: StoredImage[] = [];
  const kept: StoredImage[] = [];
  const isOld = ({ lastUsedAt }: StoredImage): boolean => Date.now() - Date.parse(lastUsedAt) > unusedForMs;
  const { images } = await takeStock(engine, signal);
  // One whose name another image has was built anew.
  for (const image of images.filter((one) => all || isOld(one) || one.tag === undefined)) {
    const isGone = !image.inUse && (await remove(engine, image, signal));
    (isGone ? removed : kept).push(image);
    if (isGone) await forget(image.id);
  }
  return { removed, kept, stages: await removeStages(engine, signal) };
};

const removeStages = async (engine: Engine, signal: AbortSignal): Promise<readonly StoredStage[]> => {
  const { stages } = await takeStock(engine, signal);
  const removed: StoredStage[] = [];
  for (const stage of stages.filter(({ isNeeded }) => !isNeeded)) {
    if (await remove(engine, stage, signal)) removed.push(stage);
  }
  return removed;
};

const gone = 404;
const inUse = 409;

/** Removes our name of an image, and what then has no name; false when something is using it. */
const remove = async (
  engine: Engine,
  { id, tag }: StoredImage | StoredStage,
  signal: AbortSignal,
): Promise<boolean> => {
  try {
    await askEngine(`removing the image ${tag ?? id}`, removalLimitMs, signal, (abortSignal) =>
      engine.getImage(tag ?? id).remove({ abortSignal }),
    );
    return true;
  } catch (error) {
    if (statusOf(error) === gone) return true;
    if (statusOf(error) === inUse) return false;
    throw error;
  }
};

/** Thousands of files, on a disk that may be slow, in milliseconds. */
const removalLimitMs = 10 * answerLimitMs;
