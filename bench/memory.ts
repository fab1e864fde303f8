import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError } from '../matrices/errors.ts';
import { otherCells, parallel, targetCell } from './bench-cells.ts';
import type { BenchPin } from './bench-pin.ts';
import { childrenOf, memoryOf, type ProcessMemory } from './process-memory.ts';
import { markdownTable, megabytes, type Section } from './section.ts';
import { timeServed } from './served-cells.ts';
import { say } from './say.ts';

/** Cells of each kind: a child lives for some 0.4 s, so this gives a good number of looks at each. */
const batch = 4 * parallel;
const lookMs = 20;

/** What the probe and its children hold while cells run. */
export const measureMemory = async (bench: BenchPin): Promise<Section> => {
  await using probe = await bench.startProbe(false);
  const { pid } = probe;
  const idle = pid === undefined ? undefined : memoryOf(pid);
  if (pid === undefined || idle === undefined) throw new InfrastructureError('Memory can be measured on Linux only.');
  const rows = [['parent, no cell running', ...columns(idle)]];
  const peaks = { children: nothing, parent: nothing, all: 0, count: 0 };
  for (const { name, request } of [targetCell(bench), ...otherCells(bench)]) {
    say(`memory: ${name}`);
    const work = timeServed(probe.connection, request, { cells: batch, atOnce: parallel });
    const worst = await watch(pid, work);
    rows.push([`child, ${name}`, ...columns(worst.children)]);
    peaks.parent = worse(peaks.parent, worst.parent);
    if (worst.all > peaks.all) [peaks.all, peaks.count] = [worst.all, worst.count];
  }
  rows.splice(1, 0, ['parent, cells running', ...columns(peaks.parent)]);
  rows.push([`all together at the worst moment (${peaks.count} processes)`, '', megabytes(peaks.all), '']);
  return {
    title: 'Memory',
    text: `Looked at every ${lookMs} ms while ${parallel} cells run at once: the most that any such process ever held, from \`/proc/*/smaps_rollup\`.`,
    table: markdownTable(['', 'resident', 'proportional (PSS)', 'private'], rows),
    targets: [],
  };
};

interface Worst {
  readonly parent: ProcessMemory;
  readonly children: ProcessMemory;
  /** Proportional, of the parent and all children at one moment. */
  readonly all: number;
  readonly count: number;
}

const nothing: ProcessMemory = { resident: 0, proportional: 0, private: 0 };

const watch = async (pid: number, work: Promise<unknown>): Promise<Worst> => {
  const over = new AbortController();
  const ended = work.finally(() => over.abort());
  let worst: Worst = { parent: nothing, children: nothing, all: 0, count: 0 };
  while (!over.signal.aborted) {
    worst = lookAgain(worst, pid);
    await Promise.race([sleep(lookMs), ended]);
  }
  await ended;
  return worst;
};

const lookAgain = (worst: Worst, pid: number): Worst => {
  const children = childrenOf(pid).flatMap((child) => memoryOf(child) ?? []);
  const parent = memoryOf(pid) ?? nothing;
  const all = [parent, ...children].reduce((sum, { proportional }) => sum + proportional, 0);
  return {
    parent: worse(worst.parent, parent),
    children: children.reduce(worse, worst.children),
    ...(all > worst.all ? { all, count: children.length + 1 } : { all: worst.all, count: worst.count }),
  };
};

const worse = (left: ProcessMemory, right: ProcessMemory): ProcessMemory => ({
  resident: Math.max(left.resident, right.resident),
  proportional: Math.max(left.proportional, right.proportional),
  private: Math.max(left.private, right.private),
});

const columns = (memory: ProcessMemory): readonly string[] => [
  megabytes(memory.resident),
  megabytes(memory.proportional),
  megabytes(memory.private),
];
