import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellIdentity } from '../harness/cell-key.ts';
import { Ledger } from '../harness/ledger.ts';
import { targetCell } from './bench-cells.ts';
import type { BenchPin } from './bench-pin.ts';
import { markdownTable, type Section } from './section.ts';
import { observe } from './served-cells.ts';
import { say } from './say.ts';
import { summarise, type Summary } from './statistics.ts';

const observations = 1_000;

/** How fast the ledger is, with a real observation under many keys. */
export const measureLedger = async (bench: BenchPin, rounds: number): Promise<Section> => {
  await using probe = await bench.startProbe(false);
  const { name, request } = targetCell(bench);
  const observation = await observe(probe.connection, request);
  const identity: CellIdentity = { request, versions: bench.hello.versions, executor: 'local', host: 'bench' };
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-bench-'));
  try {
    const writes: number[] = [];
    const reads: number[] = [];
    let size = 0;
    for (let round = 0; round <= rounds; round++) {
      say(`ledger: round ${round} of ${rounds}`);
      const file = join(folder, `${round}.sqlite`);
      using ledger = new Ledger(file);
      const write = perSecond((seed) => ledger.record(withSeed(identity, seed), attempt, observation, {}));
      const read = perSecond((seed) => ledger.find(withSeed(identity, seed), attempt));
      if (round > 0) writes.push(write);
      if (round > 0) reads.push(read);
      size = await sizeOf(ledger, file);
    }
    return {
      title: 'Ledger',
      text: `${observations} observations of "${name}", each written in a transaction of its own, then read and checked.`,
      table: markdownTable(
        ['', ''],
        [
          ['written a second', rate(summarise(writes))],
          ['read a second', rate(summarise(reads))],
          ['bytes of an observation, as JSON', String(JSON.stringify(observation).length)],
          ['bytes of an observation, on disk', String(Math.round(size / observations))],
        ],
      ),
      targets: [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const attempt = { number: 0, cold: false };

const withSeed = (identity: CellIdentity, seed: number): CellIdentity => ({
  ...identity,
  request: { ...identity.request, seed },
});

const perSecond = (work: (seed: number) => unknown): number => {
  const began = performance.now();
  for (let seed = 0; seed < observations; seed++) work(seed);
  return (observations * 1_000) / (performance.now() - began);
};

/** Of the closed file: until then a part of it is in the write-ahead log. */
const sizeOf = async (ledger: Ledger, file: string): Promise<number> => {
  ledger[Symbol.dispose]();
  return (await stat(file)).size;
};

const rate = ({ median, min, max }: Summary): string =>
  `${Math.round(median)} (${Math.round(min)} to ${Math.round(max)})`;
