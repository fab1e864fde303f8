import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CellIdentity } from '../harness/cell-key.ts';
import { firstAttempt } from '../harness/cell.ts';
import { neverAborted } from '../harness/interruption.ts';
import { judgeConfig } from '../harness/judge-config.ts';
import type { Laboratory } from '../harness/laboratory.ts';
import { Ledger } from '../harness/ledger.ts';
import { onlyLedger, type Run } from '../harness/run-cell.ts';
import type { Config } from '../matrices/config.ts';
import { explain } from '../matrices/explain.ts';
import { allProperties } from '../properties/all.ts';
import { seededDraw } from '../properties/seeded-random.ts';
import { targetCell } from './bench-cells.ts';
import type { BenchPin } from './bench-pin.ts';
import { drawConfig } from './made-up-history.ts';
import { inSeconds, markdownTable, type Section } from './section.ts';
import { observe } from './served-cells.ts';
import { say } from './say.ts';

/** So many observations in the ledger, and so many cells of them judged. */
export interface LedgerSize {
  readonly observations: number;
  readonly judged: number;
}

const defaultSizes: readonly LedgerSize[] = [
  { observations: 10_000, judged: 1_000 },
  { observations: 100_000, judged: 10_000 },
  { observations: 1_000_000, judged: 100_000 },
];

/** How the ledger grows, and what judging anew costs when a property has changed: everything is read from it, nothing run. */
export const measureLedgerGrowth = async (
  bench: BenchPin,
  sizes: readonly LedgerSize[] = defaultSizes,
): Promise<Section> => {
  await using probe = await bench.startProbe(false);
  const { request } = targetCell(bench);
  const observation = await observe(probe.connection, request);
  const identity: CellIdentity = { request, versions: bench.hello.versions, executor: 'local', host: 'bench' };
  const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-bench-'));
  try {
    const rows: (readonly string[])[] = [];
    for (const { observations, judged } of sizes) {
      const file = join(folder, `${observations}.sqlite`);
      say(`ledger: writing ${observations} observations`);
      const configs = drawConfigs(bench, judged);
      {
        using ledger = new Ledger(file);
        // What is judged is a part of them; its references come on top.
        for (let seed = judged; seed < observations; seed++) {
          ledger.record({ ...identity, request: { ...request, seed } }, firstAttempt, observation, {});
        }
        const run: Run = (cell) => {
          ledger.record(cell.identity, cell.attempt, observation, {});
          return Promise.resolve({ kind: 'observed', observation, provenance: {} });
        };
        await judgeAll(bench, configs, run);
      }
      say(`ledger: judging ${judged} cells`);
      const opening = performance.now();
      using ledger = new Ledger(file);
      const openMs = performance.now() - opening;
      const judging = performance.now();
      await judgeAll(bench, configs, onlyLedger(ledger, new Map()));
      const judgeMs = performance.now() - judging;
      rows.push([
        `${observations} observations`,
        `${((await stat(file)).size / 1e9).toFixed(2)} GB`,
        `${openMs.toFixed(1)} ms`,
        String(judged),
        inSeconds(judgeMs),
        `${(judgeMs / judged).toFixed(2)} ms`,
      ]);
    }
    return {
      title: 'The ledger of many nights',
      text: [
        'One real observation under many keys. Judged are configs of the catalogue, drawn at random, with the references that the',
        'properties ask for, all of them from the ledger.',
      ].join('\n'),
      table: markdownTable(['', 'on disk', 'opened in', 'judged', 'in s', 'a cell'], rows),
      targets: [],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const drawConfigs = ({ catalogue, hello }: BenchPin, count: number): readonly Config[] => {
  const draw = seededDraw(20_261_127);
  const configs = new Map<string, Config>();
  while (configs.size < count) {
    const config = drawConfig(catalogue.axes, draw);
    if (explain(catalogue, config, hello).kind === 'feasible') configs.set(JSON.stringify(config), config);
  }
  return [...configs.values()];
};

const judgeAll = async ({ catalogue, pin, hello }: BenchPin, configs: readonly Config[], by: Run): Promise<void> => {
  const laboratory: Laboratory = {
    catalogue,
    executor: 'local',
    run: by,
    lookUp: by,
    baselineOf: () => undefined,
    abort: neverAborted,
  };
  for (const config of configs)
    await judgeConfig(laboratory, { pin, hello }, config, { properties: allProperties, by });
};
