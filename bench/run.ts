import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { countOption, print } from '../harness/commands/command.ts';
import { prepareBenchPin, type BenchPin } from './bench-pin.ts';
import { measureBlame } from './blame-cost.ts';
import { measureCampaigns } from './campaign-growth.ts';
import { measureCellCost } from './cell-cost.ts';
import { measureColdCost } from './cold-cost.ts';
import { currentLoad, describeBench, isQuiet } from './describe-bench.ts';
import { measureHistory } from './history-growth.ts';
import { measureLedgerGrowth } from './ledger-growth.ts';
import { measureLedger } from './ledger-speed.ts';
import { measureContainers } from './containers-cost.ts';
import { measureMemory } from './memory.ts';
import { measurePlanning } from './planning.ts';
import { writeParts } from './results-file.ts';
import { runScript } from './run-script.ts';
import { say } from './say.ts';
import { renderSection, type Section, type Target } from './section.ts';

type Measure = (bench: BenchPin, rounds: number) => Promise<readonly Section[]>;

const parts: Readonly<Record<string, Measure>> = {
  cell: async (bench, rounds) => [await measureCellCost(bench, rounds)],
  cold: async (bench, rounds) => [await measureColdCost(bench, rounds)],
  memory: async (bench) => [await measureMemory(bench)],
  containers: async (bench, rounds) => [await measureContainers(bench, rounds)],
  campaign: async (bench) => [await measureCampaigns(bench)],
  blame: async () => [await measureBlame()],
  history: async () => [await measureHistory()],
  ledger: async (bench) => [await measureLedgerGrowth(bench)],
  plan: async (bench, rounds) => [await measurePlanning(bench, rounds), await measureLedger(bench, rounds)],
};

const partsOption = (text: string): readonly string[] => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(`there is no ${unknown.join(', ')}. Allowed: ${Object.keys(parts).join(', ')}`);
};

/** Measures, prints what it found, and writes it into `RESULTS.md` when the machine was quiet. */
const main = async (only: readonly string[], rounds: number): Promise<number> => {
  using bench = await prepareBenchPin();
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const load = currentLoad();
  const setting = await describeBench(command, bench.hello, load);
  const measured = new Map<string, string>();
  const targets: Target[] = [];
  for (const [name, measure] of Object.entries(parts).filter(([part]) => only.includes(part))) {
    const sections = await measure(bench, rounds);
    targets.push(...sections.flatMap((section) => section.targets));
    measured.set(name, sections.map((section) => renderSection(section, setting)).join('\n\n'));
    print(`${measured.get(name) ?? ''}\n`);
  }
  if (!isQuiet(load)) {
    say(
      `The machine was busy (load ${load.toFixed(2)}): nothing is judged or kept. Run it again when nothing else runs.`,
    );
    return 3;
  }
  await writeParts(measured);
  return targets.every(({ met }) => met) ? 0 : 1;
};

const { only, rounds } = new Command('bench')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'measures what a cell, a campaign and a plan cost; exit code 1 when a target is missed, 3 when the machine is busy',
  )
  .option(`--only <parts>`, `some of: ${Object.keys(parts).join(',')}`, partsOption, Object.keys(parts))
  .option('--rounds <number>', 'how often everything is measured', countOption, 7)
  .parse()
  .opts();

await runScript(() => main(only, rounds));
