import type { CellRequest } from '../containers/cell-request.ts';
import { localExecutor } from '../containers/local/local-executor.ts';
import { firstAttempt } from '../harness/cell.ts';
import { cellOf } from '../harness/laboratory.ts';
import { parseConfig } from '../matrices/parse-config.ts';
import type { BenchPin } from './bench-pin.ts';

/** A cell that is measured. */
export interface BenchCell {
  readonly name: string;
  readonly request: CellRequest;
}

/** Cells at once, as a campaign runs them. */
export const { parallel } = localExecutor();

/** The cell that the targets speak of. */
export const targetCell = (bench: BenchPin): BenchCell =>
  benchCell(bench, 'DoRA, FSDP1, flat parameters', [
    'adapter=dora',
    'sharding=fsdp1',
    'use_orig_params=false',
    'wrap=peft',
  ]);

/** Cells of other kinds, to see where the costs lie. */
export const otherCells = (bench: BenchPin): readonly BenchCell[] => [
  benchCell(bench, 'LoRA, FSDP1, flat parameters', ['adapter=lora', 'sharding=fsdp1', 'use_orig_params=false']),
  benchCell(bench, 'VeRA, DDP', ['adapter=vera', 'sharding=ddp']),
  benchCell(bench, 'DoRA, DDP', ['adapter=dora', 'sharding=ddp']),
  benchCell(bench, 'DoRA, FSDP2', ['adapter=dora', 'sharding=fsdp2']),
  benchCell(bench, 'DoRA, unsharded', ['adapter=dora', 'sharding=none']),
];

/** The request that a campaign would make; axes that are not named take their defaults. */
const benchCell = ({ catalogue, pin, hello }: BenchPin, name: string, pairs: readonly string[]): BenchCell => {
  const config = parseConfig(catalogue.axes, pairs);
  return { name, request: cellOf({ catalogue, executor: 'local' }, { pin, hello }, config, firstAttempt).request };
};
