import type { CellRequest } from '../containers/cell-request.ts';
import { localExecutor } from '../containers/local/local-executor.ts';
import { cellOf } from '../harness/laboratory.ts';
import { firstAttempt } from '../harness/cell.ts';
import { parseConfig } from '../matrices/parse-config.ts';
import type { BenchPin } from './bench-pin.ts';

/** The cell that the targets speak of comes first. */
export const benchCells = {
  'DoRA, FSDP1, flat parameters': ['adapter=dora', 'sharding=fsdp1', 'use_orig_params=false', 'wrap=peft'],
  'LoRA, FSDP1, flat parameters': ['adapter=lora', 'sharding=fsdp1', 'use_orig_params=false', 'wrap=peft'],
  'VeRA, DDP': ['adapter=vera', 'sharding=ddp'],
  'DoRA, DDP': ['adapter=dora', 'sharding=ddp'],
  'DoRA, FSDP2': ['adapter=dora', 'sharding=fsdp2'],
  'DoRA, unsharded': ['adapter=dora', 'sharding=none'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type BenchCell = keyof typeof benchCells;

export const targetCell: BenchCell = 'DoRA, FSDP1, flat parameters';

/** Cells at once, as a campaign runs them. */
export const { parallel } = localExecutor();

/** The request of a campaign for one of the cells above. */
export const requestOf = ({ catalogue, pin, hello }: BenchPin, name: BenchCell): CellRequest => {
  const laboratory = { catalogue, executor: 'local' };
  return cellOf(laboratory, { pin, hello }, parseConfig(catalogue.axes, benchCells[name]), firstAttempt).request;
};
