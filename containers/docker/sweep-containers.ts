import { answerLimitMs, withinLimit, type Engine } from './engine.ts';
import { fateOf, ownLabel, processLabel } from './labels.ts';

/**
 * Removes containers of ours whose process is gone, with their volumes. They end by themselves; this is for those that
 * could not: never started, wedged, or computing when the engine was killed.
 *
 * @param onWarning - Told of each that cannot be removed.
 * @returns How many were removed.
 */
export const sweepContainers = async (engine: Engine, onWarning: (message: string) => void): Promise<number> => {
  const all = await withinLimit('listing containers', answerLimitMs, (abortSignal) =>
    engine.listContainers({ all: true, filters: { label: [ownLabel] }, abortSignal }),
  );
  const left = all.filter(({ Labels }) => fateOf(Labels[processLabel]) === 'gone');
  const removals = await Promise.all(
    left.map(({ Id }) =>
      withinLimit('removing a container', answerLimitMs, (abortSignal) =>
        engine.getContainer(Id).remove({ force: true, v: true, abortSignal }),
      ).then(
        () => true,
        (error: unknown) => {
          if (isGoingAnyway(error)) return true;
          onWarning(`container ${Id.slice(0, 12)} of an earlier run cannot be removed: ${wordsOf(error)}`);
          return false;
        },
      ),
    ),
  );
  return removals.filter(Boolean).length;
};

/** 404: gone meanwhile. 409: its removal is under way. */
const isGoingAnyway = (error: unknown): boolean =>
  error instanceof Error && 'statusCode' in error && (error.statusCode === 404 || error.statusCode === 409);

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
