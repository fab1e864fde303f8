import { isDeepStrictEqual } from 'node:util';
import type { CellRequest } from '../containers/cell-request.ts';
import type { Observation } from '../containers/observation.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import { startBareCrew, type BareCrew, type Facts } from './bare-crew.ts';
import { benchCells, parallel, requestOf, targetCell, type BenchCell } from './bench-cells.ts';
import type { BenchPin, ReadyProbe } from './bench-pin.ts';
import { interleave } from './interleave.ts';
import { markdownTable, seconds, times, type Section } from './section.ts';
import { observe, timeServed } from './served-cells.ts';
import { say } from './say.ts';
import type { Summary } from './statistics.ts';

/** A served cell may cost so many times a bare one. */
const limit = 1.6;

/** Cells a side and round, divisible by those at once: enough that the ends of a batch do not matter. */
const batch = 6 * parallel;

/** What a cell costs, served by the probe and bare. */
export const measureCellCost = async (bench: BenchPin, rounds: number): Promise<Section> => {
  await using probe = await bench.startProbe(false);
  await using pairs = await startBareCrew(bench.python, { groups: parallel, ranks: 2 });
  await using singles = await startBareCrew(bench.python, { groups: parallel, ranks: 1 });
  const rows: (readonly string[])[] = [];
  let ratio = NaN;
  for (const name of Object.keys(benchCells) as BenchCell[]) {
    const request = requestOf(bench, name);
    const { served, bare } = await compare(probe, request.ranks === 1 ? singles : pairs, request, name, rounds);
    if (name === targetCell) ratio = served.median / bare.median;
    rows.push([name, seconds(served), seconds(bare), times(served.median / bare.median)]);
  }
  return {
    title: 'A cell: served by the probe, and bare',
    text: [
      `${parallel} cells at once on both sides, ${batch} cells a side and round, ${rounds} rounds in turn after one that does not count.`,
      'Served: forked from the warm probe, watched, answered, cleaned up, as a campaign runs it. Bare: the same phases',
      '(build, adapt, wrap, train, gather, save, load) again and again in processes that are up already, their process',
      'group too. Both sides gave the same numbers to the last bit.',
    ].join('\n'),
    table: markdownTable(['cell', 'served', 'bare', 'served / bare'], rows),
    targets: [{ what: `${targetCell}: served / bare`, got: times(ratio), want: `<= ${limit}`, met: ratio <= limit }],
  };
};

const compare = async (
  probe: ReadyProbe,
  crew: BareCrew,
  request: CellRequest,
  name: string,
  rounds: number,
): Promise<Readonly<Record<'served' | 'bare', Summary>>> => {
  requireSameFacts(name, await observe(probe, request), (await crew.time(request, parallel)).facts);
  const sides = {
    served: () => timeServed(probe, request, { cells: batch, atOnce: parallel }),
    bare: async () => (await crew.time(request, batch)).ms,
  };
  return interleave(sides, rounds, (round) => say(`cell: ${name}: round ${round} of ${rounds}`));
};

/** Two sides that do different work cannot be compared. */
export const requireSameFacts = (name: string, served: Observation, other: Facts): void => {
  for (const fact of ['losses', 'gradientNorms', 'trainable', 'frozen', 'outputs', 'checkpoint', 'got'] as const) {
    if (!isDeepStrictEqual(served[fact], other[fact])) {
      throw new InfrastructureError(`${name}: the two sides do not show the same ${fact}`);
    }
  }
};
