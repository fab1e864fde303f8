import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { integerOption, print } from '../harness/commands/command.ts';
import { busyCores } from './aa/busy-cores.ts';
import { differencesOf, judgeAll, type Side } from './aa/judge-all.ts';
import { currentLoad, describeCommit, isQuiet } from './describe-bench.ts';
import { writeParts } from './results-file.ts';
import { runScript } from './run-script.ts';
import { say } from './say.ts';
import { markdownTable } from './section.ts';

const { cells, matrix, write } = new Command('aa')
  .description(
    'A/A test: the same cells of the same pin twice, once on a quiet machine and once with every core busy; ' +
      'exit code 1 when a verdict differs or a property found another thing',
  )
  .option('--cells <number>', 'runs to plan', integerOption, 2_000)
  .option('--matrix <file>', 'which', join(import.meta.dirname, '../matrices/full.yaml'))
  .option('--write', 'write the section of bench/RESULTS.md')
  .parse()
  .opts();

/** Both sides with a ledger of their own, so that nothing of one is reused by the other. */
const main = async (folder: string): Promise<number> => {
  const load = currentLoad();
  say(`quiet: ${cells} cells`);
  const quiet = await judgeAll(matrix, cells, join(folder, 'quiet'));
  if (quiet.isInterrupted) return 130;
  say(`every core busy: ${cells} cells`);
  using _ = busyCores(availableParallelism());
  const busy = await judgeAll(matrix, cells, join(folder, 'busy'));
  if (busy.isInterrupted) return 130;
  const differences = differencesOf(quiet, busy);
  const text = render([quiet, busy], differences, load, await describeCommit());
  print(text);
  if (write === true) await writeParts(new Map([['aa', text]]));
  return differences.length === 0 ? 0 : 1;
};

const render = (sides: readonly Side[], differences: readonly string[], load: number, commit: string): string =>
  [
    '## The same against itself (A/A)',
    `_${new Date().toISOString().slice(0, 10)}, commit ${commit}, \`npm run aa\`; ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, load ${load.toFixed(2)} before${isQuiet(load) ? '' : ' (**not quiet**)'}._`,
    'The same cells of one pin twice, each time from an empty ledger: as the machine was, and beside as many endless loops as it has cores. Nothing is shrunk: what counts is what every cell came to, and which properties it violated with which signature.',
    markdownTable(
      ['', 'cells', 'pass', 'fail', 'unsupported', 'broken', 'seconds'],
      sides.map((side, index) => [index === 0 ? 'as it was' : 'every core busy', ...rowOf(side)]),
    ),
    differences.length === 0
      ? '**No verdict differs, and no property found in one what it did not find in the other.**'
      : `**Cells that differ: ${differences.length}.**\n\n${differences
          .slice(0, mostNamed)
          .map((line) => `- ${line}`)
          .join('\n')}`,
  ].join('\n\n');

/** Differences that are named; more are no longer read one by one. */
const mostNamed = 50;

const rowOf = ({ cells: judged, ms }: Side): readonly string[] => [
  String(judged.size),
  ...['pass', 'fail', 'unsupported', 'broken'].map((kind) =>
    String([...judged.values()].filter(({ verdict }) => verdict === kind).length),
  ),
  (ms / 1_000).toFixed(0),
];

const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-aa-'));
try {
  await runScript(() => main(folder));
} finally {
  await rm(folder, { recursive: true });
}
