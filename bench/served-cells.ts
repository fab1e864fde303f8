import type { CellRequest } from '../containers/cell-request.ts';
import type { Observation } from '../containers/observation.ts';
import { neverAborted } from '../harness/interruption.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import type { ReadyProbe } from './bench-pin.ts';

/** Asks a probe for the same cell again and again, `atOnce` under way; returns the time a cell took, in milliseconds. */
export const timeServed = async (
  probe: ReadyProbe,
  request: CellRequest,
  { cells, atOnce }: { readonly cells: number; readonly atOnce: number },
): Promise<number> => {
  let left = cells;
  const ask = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await observe(probe, request);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, ask));
  return (performance.now() - began) / cells;
};

/** Throws `InfrastructureError` when the cell does not get to its end: then there is no cost to speak of. */
export const observe = async (probe: ReadyProbe, request: CellRequest): Promise<Observation> => {
  const result = await probe.connection.run(request, neverAborted);
  if (result.kind === 'broken') throw new InfrastructureError(result.reason);
  const { stop } = result.observation;
  if (stop !== undefined) throw new InfrastructureError(`the cell stops in ${stop.phase}: ${stop.exception?.message}`);
  return result.observation;
};
