import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import PQueue from 'p-queue';
import { integerOption, print } from '../harness/commands/command.ts';
import { Ledger } from '../harness/ledger.ts';
import { prepareBenchPin } from './bench-pin.ts';
import { currentLoad, describeBench } from './describe-bench.ts';
import { runBaseline } from './mutants/baseline.ts';
import { describeMutants } from './mutants/describe-mutants.ts';
import { fateLine } from './mutants/fate-line.ts';
import { listMutants } from './mutants/mutant.ts';
import { startNurseries } from './mutants/nursery.ts';
import { filesInScope } from './mutants/scope.ts';
import { loadSurvivors, staleSurvivors } from './mutants/survivors.ts';
import { judgementsOf } from './mutants/tally.ts';
import { tryMutant } from './mutants/try-mutant.ts';
import { writeParts } from './results-file.ts';
import { runScript } from './run-script.ts';
import { say } from './say.ts';
import { renderSection } from './section.ts';

const { count, seed, only, atOnce, write } = new Command('mutants')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'plants small faults in PEFT, one at a time, and looks which of our properties see them; exit code 1 when fewer than ' +
      '90 % of those that are not equivalent are killed, or when mutants/survivors.yaml does not fit',
  )
  .option('--count <number>', 'faults to plant', integerOption, 150)
  .option('--seed <number>', 'seed of the sample', integerOption, 1)
  .option('--only <ids...>', 'these faults in place of a sample')
  .option('--at-once <number>', 'mutants under way at once', integerOption, 2)
  .option('--write', 'write the section of bench/RESULTS.md')
  .parse()
  .opts();

/** Returns whether everything was as it should be. `folder` takes what is of no use afterwards. */
const main = async (folder: string): Promise<boolean> => {
  const load = currentLoad();
  const began = performance.now();
  const survivors = await loadSurvivors();
  using bench = await prepareBenchPin();
  const { catalogue, python, hello, pin } = bench;
  using ledger = new Ledger(join(folder, 'ledger.sqlite'));
  await using nurseries = await startNurseries(python, hello.preloaded);
  const ground = { catalogue, ledger, python, nurseries: nurseries.bySeed };
  const scope = await filesInScope(python);
  const baseline = await runBaseline(ground, { pin, scope, folder, parallel: atOnce });
  const { coverage, runs } = baseline;
  const { reached, mutants } = await listMutants(python, { ...scope, lines: coverage.lines(), count, seed, only });
  say(`${mutants.length} of ${reached} faults`);
  const queue = new PQueue({ concurrency: atOnce });
  const fates = await Promise.all(
    mutants.map((mutant) =>
      queue.add(async () => {
        const fate = await tryMutant(ground, mutant, baseline);
        say(fateLine(fate));
        return fate;
      }),
    ),
  );
  const section = describeMutants(fates, {
    judgements: judgementsOf(survivors),
    reached,
    seed,
    runs: runs.length,
    baselineMs: baseline.ms,
    totalMs: performance.now() - began,
  });
  const text = renderSection(section, await describeBench('npm run mutants', hello, load));
  print(text);
  if (write === true) await writeParts(new Map([['mutants', text]]));
  const stale = staleSurvivors(survivors, fates);
  for (const problem of stale) say(`survivors.yaml: ${problem}`);
  return stale.length === 0 && section.targets.every(({ met }) => met);
};

const folder = await mkdtemp(join(tmpdir(), 'peft-mutants-'));
try {
  await runScript(() => main(folder));
} finally {
  await rm(folder, { recursive: true, force: true });
}
