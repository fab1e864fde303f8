import type { CellRequest } from '../containers/cell-request.ts';
import type { CellResult } from '../containers/executor.ts';
import type { Observation } from '../containers/observation.ts';
import type { Config } from '../matrices/config.ts';
import type { Cell, ReadyPin } from './cell.ts';
import { cellKey } from './cell-key.ts';
import { cellOf, type Laboratory } from './laboratory.ts';
import type { Attempt } from './ledger.ts';
import type { Run } from './run-cell.ts';

/** What to ask a pin. */
export interface Asked {
  readonly ready: ReadyPin;
  readonly config: Config;
  readonly attempt: Attempt;
  /** The pin whose checkpoint of the same config is to be read, in place of training. */
  readonly reads?: ReadyPin;
}

/**
 * Asks for a cell. One that reads a checkpoint is known by what it reads, so that the cell which wrote it is asked for
 * before.
 */
export const askCell = async (
  laboratory: Laboratory,
  { ready, config, attempt, reads }: Asked,
  by: Run,
): Promise<CellResult> => {
  const cell = cellOf(laboratory, ready, config, attempt);
  if (reads === undefined) return by(cell, laboratory.abort);
  const writer = cellOf(laboratory, reads, config, attempt);
  const written = await by(writer, laboratory.abort);
  if (written.kind === 'broken') return written;
  const outputs = outputsOf(written.observation);
  return outputs === undefined
    ? { kind: 'broken', reason: `${reads.pin.id} wrote no checkpoint that another release could read` }
    : by(readingCell(cell, writer, outputs), laboratory.abort);
};

/** Digest of what the trained model computed; undefined where it was not saved in the files that the probe hands over. */
const outputsOf = ({ outputs, checkpoint }: Observation): string | undefined =>
  ['adapter_config.json', 'adapter_model.safetensors'].every((name) => checkpoint?.files.includes(name))
    ? outputs?.digest
    : undefined;

const readingCell = (cell: Cell, writer: Cell, outputs: string): Cell => {
  const checkpoint = { writer: cellKey(writer.identity), outputs };
  const request: CellRequest = { ...cell.request, phases: ['build', 'read'], usages: [], checkpoint };
  return { ...cell, request, identity: { ...cell.identity, request }, reads: writer };
};
