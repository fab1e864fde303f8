import type { CellRequest } from '../containers/cell-request.ts';
import type { OpenPin } from '../containers/executor.ts';
import type { Observation } from '../containers/observation.ts';
import { neverAborted } from '../harness/interruption.ts';
import { InfrastructureError } from '../matrices/errors.ts';

/** Whoever runs cells: an open pin of an executor, or the connection to a probe. */
type Runner = Pick<OpenPin, 'run'>;

/** Asks a probe for the same cell again and again, `atOnce` under way; returns the time a cell took, in milliseconds. */
export const timeServed = async (
  runner: Runner,
  request: CellRequest,
  { cells, atOnce }: { readonly cells: number; readonly atOnce: number },
): Promise<number> => {
  let left = cells;
  const ask = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await observe(runner, request);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, ask));
  return (performance.now() - began) / cells;
};

/** Throws `InfrastructureError` when the cell does not get to its end: then there is no cost to speak of. */
export const observe = async (runner: Runner, request: CellRequest): Promise<Observation> => {
  const result = await runner.run(request, neverAborted);
  if (result.kind === 'broken') throw new InfrastructureError(result.reason);
  const { stop } = result.observation;
  if (stop !== undefined) throw new InfrastructureError(`the cell stops in ${stop.phase}: ${stop.exception?.message}`);
  return result.observation;
};
