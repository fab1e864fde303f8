import { isDeepStrictEqual } from 'node:util';
import type { Observation } from '../containers/observation.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import { startBareCrew, type BareCrew, type Facts } from './bare-crew.ts';
import { otherCells, parallel, targetCell, type BenchCell } from './bench-cells.ts';
import type { BenchPin, ReadyProbe } from './bench-pin.ts';
import { interleave, side, summaryOf } from './interleave.ts';
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
  const crewOf = ({ request }: BenchCell): BareCrew => (request.ranks === 1 ? singles : pairs);
  const target = targetCell(bench);
  const found: Compared[] = [await compare(probe, pairs, target, rounds)];
  for (const cell of otherCells(bench)) found.push(await compare(probe, crewOf(cell), cell, rounds));
  const ratio = ratioOf(found[0]);
  return {
    title: 'A cell: served by the probe, and bare',
    text: [
      `${parallel} cells at once on both sides, ${batch} cells a side and round, ${rounds} rounds in turn after one that does not count.`,
      'Served: forked from the warm probe, watched, answered, cleaned up, as a campaign runs it. Bare: the same phases',
      '(build, adapt, wrap, train, gather, save, load) again and again in processes that are up already, their process',
      'group too. Both sides gave the same numbers to the last bit.',
    ].join('\n'),
    table: markdownTable(
      ['cell', 'served', 'bare', 'served / bare'],
      found.map((one) => [one.name, seconds(one.served), seconds(one.bare), times(ratioOf(one))]),
    ),
    targets: [{ what: `${target.name}: served / bare`, got: times(ratio), want: `<= ${limit}`, met: ratio <= limit }],
  };
};

interface Compared {
  readonly name: string;
  readonly served: Summary;
  readonly bare: Summary;
}

const ratioOf = (compared: Compared | undefined): number =>
  compared === undefined ? NaN : compared.served.median / compared.bare.median;

const compare = async (
  probe: ReadyProbe,
  crew: BareCrew,
  { name, request }: BenchCell,
  rounds: number,
): Promise<Compared> => {
  requireSameFacts(name, await observe(probe.connection, request), (await crew.time(request, parallel)).facts);
  const served = side(() => timeServed(probe.connection, request, { cells: batch, atOnce: parallel }));
  const bare = side(async () => (await crew.time(request, batch)).ms);
  await interleave([served, bare], rounds, (round) => say(`cell: ${name}: round ${round} of ${rounds}`));
  const compared = { name, served: summaryOf(served), bare: summaryOf(bare) };
  say(`cell: ${name}: served ${seconds(compared.served)}, bare ${seconds(compared.bare)}`);
  return compared;
};

/** Two sides that do different work cannot be compared. */
export const requireSameFacts = (name: string, served: Observation, other: Facts): void => {
  for (const fact of ['losses', 'gradientNorms', 'trainable', 'frozen', 'outputs', 'checkpoint', 'got'] as const) {
    if (!isDeepStrictEqual(served[fact], other[fact])) {
      throw new InfrastructureError(`${name}: the two sides do not show the same ${fact}`);
    }
  }
};
