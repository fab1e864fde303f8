import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import type { CellRequest } from '../containers/cell-request.ts';
import { probeEnvironment } from '../containers/local/probe-process.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import { startBareCrew, type Facts } from './bare-crew.ts';
import { parallel, targetCell } from './bench-cells.ts';
import type { BenchPin } from './bench-pin.ts';
import { requireSameFacts } from './cell-cost.ts';
import { interleave, side, summaryOf } from './interleave.ts';
import { markdownTable, seconds, times, type Section } from './section.ts';
import { observe, timeServed } from './served-cells.ts';
import { say } from './say.ts';
import type { Summary } from './statistics.ts';

/** A served cell must be so many times cheaper than a cold launch. */
const limit = 30;

/** Served cells a round, for one cold case: they are cheap. */
const batch = 6 * parallel;

/** Rounds: a cold case takes as long as a hundred served ones. */
const coldRounds = 3;

/** What a served cell costs against a cold process for every case. */
export const measureColdCost = async (bench: BenchPin, rounds: number): Promise<Section> => {
  await using warm = await bench.startProbe(false);
  await using cold = await bench.startProbe(true);
  const { name, request } = targetCell(bench);
  const shown = await observe(warm.connection, request);
  requireSameFacts(name, shown, await observe(cold.connection, request));
  requireSameFacts(name, shown, await torchrun(bench.python, request));
  const counted = Math.min(rounds, coldRounds);
  const found: Compared[] = [];
  for (const atOnce of [1, parallel]) {
    await using crew = await startBareCrew(bench.python, { groups: atOnce, ranks: request.ranks });
    requireSameFacts(name, shown, (await crew.time(request, atOnce)).facts);
    const bare = side(async () => (await crew.time(request, batch)).ms);
    const served = side(() => timeServed(warm.connection, request, { cells: batch, atOnce }));
    const fresh = side(() => timeServed(cold.connection, request, { cells: atOnce, atOnce }));
    const launched = side(() => timeTorchrun(bench.python, request, atOnce));
    const onRound = (round: number): void => say(`cold: ${atOnce} at once: round ${round} of ${counted}`);
    await interleave([served, bare, fresh, launched], counted, onRound);
    const compared = {
      atOnce,
      served: summaryOf(served),
      bare: summaryOf(bare),
      cold: summaryOf(fresh),
      torchrun: summaryOf(launched),
    };
    say(`cold: ${atOnce} at once: served ${seconds(compared.served)}, torchrun ${seconds(compared.torchrun)}`);
    found.push(compared);
  }
  return {
    title: 'A cell against cold processes',
    text: [
      `${name}, the same phases everywhere, the same number at once on all sides; time per cell.`,
      'Cold: the probe with `--cold`, two fresh interpreters a cell. torchrun: `torchrun --standalone --nproc-per-node 2`',
      'of a script with the same phases, imports included. The disk cache is warm. All gave the same numbers to the last',
      'bit. Bare: the phases alone, in processes that are up already; torchrun / bare is what no server can surpass.',
    ].join('\n'),
    table: markdownTable(
      ['', 'served', 'bare', 'cold', 'torchrun', 'cold / served', 'torchrun / served', 'torchrun / bare'],
      found.map((one) => [
        `${one.atOnce} at once`,
        seconds(one.served),
        seconds(one.bare),
        seconds(one.cold),
        seconds(one.torchrun),
        times(one.cold.median / one.served.median),
        times(ratioOf(one)),
        times(one.torchrun.median / one.bare.median),
      ]),
    ),
    targets: found.map((one) => ({
      what: `torchrun / served, ${one.atOnce} at once`,
      got: times(ratioOf(one)),
      want: `>= ${limit}`,
      met: ratioOf(one) >= limit,
    })),
  };
};

interface Compared {
  readonly atOnce: number;
  readonly served: Summary;
  readonly bare: Summary;
  readonly cold: Summary;
  readonly torchrun: Summary;
}

const ratioOf = ({ served, torchrun: launched }: Compared): number => launched.median / served.median;

const timeTorchrun = async (python: string, request: CellRequest, atOnce: number): Promise<number> => {
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, () => torchrun(python, request)));
  return (performance.now() - began) / atOnce;
};

const script = join(import.meta.dirname, 'torchrun_cell.py');

/** Launches a cell as users launch their training, and returns what it showed. */
const torchrun = async (python: string, request: CellRequest): Promise<Facts> => {
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-bench-'));
  try {
    await mkdir(join(folder, 'cell'));
    const requestFile = join(folder, 'request.json');
    await writeFile(requestFile, JSON.stringify(request));
    const launcher = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', String(request.ranks)];
    const { exitCode, stderr } = await execa(python, [...launcher, script, requestFile, join(folder, 'cell')], {
      cwd: folder,
      env: probeEnvironment(process.env),
      extendEnv: false,
      reject: false,
    });
    if (exitCode !== 0) throw new InfrastructureError(`torchrun failed: ${stderr.slice(-2_000)}`);
    const facts: unknown = JSON.parse(await readFile(join(folder, 'cell', 'facts.json'), 'utf8'));
    return z.record(z.string(), z.unknown()).parse(facts);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
