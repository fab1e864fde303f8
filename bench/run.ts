import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { integerOption, print } from '../harness/commands/command.ts';
import { PeftMatrixError } from '../matrices/errors.ts';
import { prepareBenchPin, type BenchPin } from './bench-pin.ts';
import { measureCampaigns } from './campaign-growth.ts';
import { measureCellCost } from './cell-cost.ts';
import { measureColdCost } from './cold-cost.ts';
import { currentLoad, describeBench, isQuiet } from './describe-bench.ts';
import { measureLedger } from './ledger-speed.ts';
import { measureContainers } from './containers-cost.ts';
import { measureMemory } from './memory.ts';
import { measurePlanning } from './planning.ts';
import { say } from './say.ts';
import type { Section, Target } from './section.ts';

type Measure = (bench: BenchPin, rounds: number) => Promise<readonly Section[]>;

const parts: Readonly<Record<string, Measure>> = {
  cell: async (bench, rounds) => [await measureCellCost(bench, rounds)],
  cold: async (bench, rounds) => [await measureColdCost(bench, rounds)],
  memory: async (bench) => [await measureMemory(bench)],
  containers: async (bench, rounds) => [await measureContainers(bench, rounds)],
  campaign: async (bench) => [await measureCampaigns(bench)],
  plan: async (bench, rounds) => [measurePlanning(bench, rounds), await measureLedger(bench, rounds)],
};

const resultsFile = join(import.meta.dirname, 'RESULTS.md');

const partsOption = (text: string): readonly string[] => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !Object.hasOwn(parts, name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(`there is no ${unknown.join(', ')}. Allowed: ${Object.keys(parts).join(', ')}`);
};

const roundsOption = (text: string): number => {
  const rounds = integerOption(text);
  if (rounds < 1) throw new InvalidArgumentError('expected at least 1');
  return rounds;
};

/** Measures, prints what it found, and writes `RESULTS.md` when it measured everything on a machine that was quiet. */
const main = async (only: readonly string[] | undefined, rounds: number): Promise<void> => {
  const load = currentLoad();
  using bench = await prepareBenchPin();
  const sections: Section[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (only === undefined || only.includes(name)) sections.push(...(await measure(bench, rounds)));
  }
  const command = ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' ');
  const text = render(sections, await describeBench(command, bench.hello, load), isQuiet(load));
  print(text);
  if (!isQuiet(load)) {
    say(
      `The machine was busy (load ${load.toFixed(2)}): nothing is judged or kept. Run it again when nothing else runs.`,
    );
    process.exitCode = 3;
    return;
  }
  if (only === undefined) await writeFile(resultsFile, text);
  process.exitCode = sections.some(({ targets }) => targets.some(({ met }) => !met)) ? 1 : 0;
};

const render = (sections: readonly Section[], setting: string, judged: boolean): string => {
  const targets = sections.flatMap((section) => section.targets);
  return [
    '# Bench',
    'Written by `npm run bench`. Times are medians, with the least and the most in parentheses.',
    setting,
    ...(targets.length === 0
      ? []
      : [`## Targets\n\n${targets.map((target) => targetLine(target, judged)).join('\n')}`]),
    ...sections.map(({ title, text, table }) => `## ${title}\n\n${text}\n\n${table}`),
  ]
    .join('\n\n')
    .concat('\n');
};

const targetLine = ({ what, got, want, met }: Target, judged: boolean): string =>
  `- ${what}: **${got}**, wanted ${want}: ${judged ? (met ? 'met' : 'NOT met') : 'not judged, the machine was busy'}`;

const { only, rounds } = new Command('bench')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'measures what a cell, a campaign and a plan cost; exit code 1 when a target is missed, 3 when the machine is busy',
  )
  .option(`--only <parts>`, `some of: ${Object.keys(parts).join(',')}; RESULTS.md is then left alone`, partsOption)
  .option('--rounds <number>', 'how often everything is measured', roundsOption, 7)
  .parse()
  .opts();

try {
  await main(only, rounds);
} catch (error) {
  if (!(error instanceof PeftMatrixError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
