import { InfrastructureError } from '../../../matrices/errors.ts';
import { withinLimit } from '../engine.ts';

/**
 * A call to the engine that ends with its limit, or when `signal` aborts.
 *
 * @param what - What the engine is asked for, for people: `creating a container`.
 * @throws InfrastructureError in the engine's words, with what it answered as `cause`; the signal's reason.
 */
export const askEngine = async <T>(
  what: string,
  limitMs: number,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  signal.throwIfAborted();
  try {
    return await withinLimit(what, limitMs, (limit) => call(AbortSignal.any([limit, signal])));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InfrastructureError) throw error;
    throw refusal(what, error);
  }
};

/** The status with which the engine refused, such as 404 for what is not there; undefined for other troubles. */
export const statusOf = (error: unknown): number | undefined => {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'statusCode' in cause && typeof cause.statusCode === 'number'
    ? cause.statusCode
    : undefined;
};

/** The engine said no, in its own words. */
export const refusal = (what: string, cause: unknown): InfrastructureError => {
  const words = cause instanceof Error ? cause.message : String(cause);
  const remedy = /no space left|disk quota/i.test(words)
    ? '\nFree some space where the engine keeps its data (`peft-matrix images prune`).'
    : '';
  return new InfrastructureError(`The container engine refused: ${what}: ${words}${remedy}`, { cause });
};
