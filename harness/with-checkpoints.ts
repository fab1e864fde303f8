import type { CellResult } from '../containers/executor.ts';
import type { Cell } from './cell.ts';
import { cellKey } from './cell-key.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Run } from './run-cell.ts';

/**
 * Keeps the checkpoints that cells write, and gives them to the cells that read them. One that is gone is written again,
 * by another run of its cell: the ledger keeps what it has, so that run has to end in the same bytes.
 */
export const withCheckpoints = (run: Run, checkpoints: Checkpoints): Run => {
  const runAndKeep: Run = async (cell, signal) => {
    const result = await run(cell, signal);
    if (result.kind === 'observed') await keep(cell, result, checkpoints);
    return result;
  };
  return async (cell, signal) => {
    const { reads, request } = cell;
    const { checkpoint } = request;
    if (reads === undefined || checkpoint === undefined) return runAndKeep(cell, signal);
    let files = await checkpoints.find(checkpoint);
    if (files === undefined) {
      const again = await runAndKeep(reads, signal);
      if (again.kind === 'broken') return again;
      files = await checkpoints.find(checkpoint);
    }
    if (files === undefined)
      return { kind: 'broken', reason: 'the checkpoint to read is gone, and is not written again' };
    return run({ ...cell, request: { ...request, checkpoint: { ...checkpoint, files } } }, signal);
  };
};

const keep = async (
  { identity }: Cell,
  { observation, files }: Extract<CellResult, { readonly kind: 'observed' }>,
  checkpoints: Checkpoints,
): Promise<void> => {
  const outputs = observation.outputs?.digest;
  if (files !== undefined && outputs !== undefined)
    await checkpoints.keep({ writer: cellKey(identity), outputs }, files);
};
