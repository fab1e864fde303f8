import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, Option } from '@commander-js/extra-typings';
import { integerOption, print } from '../harness/commands/command.ts';
import { baseImageOption, defaultBaseImage } from '../harness/commands/executor-options.ts';
import type { Ground } from '../harness/soak/campaign-process.ts';
import { disturb, type Round } from '../harness/soak/disturb.ts';
import { layGround, soakMatrix, type GroundOptions } from '../harness/soak/ground.ts';
import type { Kill } from '../harness/soak/kill.ts';
import { currentLoad } from './describe-bench.ts';
import { runScript } from './run-script.ts';
import { markdownTable } from './section.ts';
import { isMissed, isWell, roundLine, roundRow, roundTitles } from './soak/describe-round.ts';
import { inContainers } from './soak/in-containers.ts';
import { planRounds } from './soak/plan-rounds.ts';
import { inEnvironments } from './soak/setting.ts';
import { runUndisturbed, undisturbedLine } from './soak/undisturbed.ts';

const { rounds, seed, matrix, executor, baseImage, write } = new Command('soak')
  .description(
    'kills a campaign with SIGKILL at random moments, starts it again, and compares what it comes to with a campaign ' +
      'that nobody disturbed; exit code 1 when anything differs, is lost, or is left',
  )
  .option('--rounds <number>', 'campaigns to kill', integerOption, 20)
  .option('--seed <number>', 'seed of the moments', integerOption, 1)
  .option('--matrix <file>', 'another campaign', soakMatrix)
  .addOption(
    new Option('--executor <kind>', 'where cells run').choices(['local', 'docker'] as const).default('local' as const),
  )
  .addOption(baseImageOption())
  .option('--write', 'write bench/SOAK.md, or bench/SOAK-containers.md')
  .parse()
  .opts();

const setting = executor === 'docker' ? inContainers(baseImage ?? defaultBaseImage) : inEnvironments;

/** Runs all rounds below a folder, which keeps what went wrong. Returns whether nothing did. */
const soak = async (folder: string): Promise<boolean> => {
  const load = currentLoad();
  const whole = await runUndisturbed(await lay(join(folder, 'undisturbed')));
  print(undisturbedLine(whole));
  const done: Round[] = [];
  let late = 0;
  for (const kills of planRounds(rounds, seed, setting.refine(whole.parts), setting.hasProbes)) {
    const number = done.length + 1;
    for (let [moments, tries] = [kills, 1]; done.length < number; moments = moments.map(sooner), tries += 1) {
      const place = join(folder, String(number));
      const ground = await lay(place, { locks: whole.results });
      const round = withProblems(await disturb(ground, moments, whole.traces), await setting.left());
      print(`round ${number} of ${rounds}: ${roundLine(round)}`);
      if (!isWell(round)) print(`  what it left is kept in ${place}`);
      else await rm(place, { recursive: true });
      const isLate = isMissed(round) && isWell(round) && tries < mostTries;
      if (isLate) print('  too late, so once more and sooner');
      if (isLate) late += 1;
      else done.push(round);
    }
  }
  const verdict = `${done.filter(isWell).length} of ${rounds} rounds ended as if nothing had happened.`;
  print(verdict);
  if (write === true) await writeFile(resultsFile, render(done, late, undisturbedLine(whole), verdict, load));
  return done.every(isWell);
};

/** A place for a campaign that may begin at once. */
const lay = async (place: string, options: GroundOptions = {}): Promise<Ground> => {
  const ground = await layGround(place, resolve(matrix), { ...options, words: setting.words });
  await setting.prepare(ground);
  return ground;
};

const mostTries = 5;

/** The machine may have become faster since it was undisturbed. */
const sooner = (kill: Kill): Kill => ({ ...kill, afterMs: Math.floor(kill.afterMs / 2) });

const withProblems = (round: Round, problems: readonly string[]): Round => ({
  ...round,
  problems: [...round.problems, ...problems],
});

const resultsFile = join(import.meta.dirname, setting.file);
const words = [...setting.words, '--rounds', rounds, '--seed', seed, '--write'].join(' ');

const render = (done: readonly Round[], late: number, undisturbed: string, verdict: string, load: number): string =>
  [
    '# Soak',
    `Written by \`npm run soak -- ${words}\`: a campaign is killed with SIGKILL at random moments and started again at ` +
      `once, until it comes to its end. ${setting.text} Then its report is compared with that of a campaign that nobody ` +
      'disturbed, and every observation with what the ledger held after each kill; no cell that was recorded may have ' +
      'been run again, and no process, no temporary folder and no half-written file may be left. `missed`: the campaign ' +
      'was over by then. A round whose every moment came too late is done again, sooner, and does not count: ' +
      `${late} here.`,
    `- Date: ${new Date().toISOString().slice(0, 10)}\n` +
      `- Machine: ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}\n` +
      `- Load before: ${load.toFixed(2)}\n- ${undisturbed}`,
    `**${verdict}**`,
    markdownTable(
      ['round', ...roundTitles],
      done.map((round, index) => [String(index + 1), ...roundRow(round)]),
    ),
  ]
    .join('\n\n')
    .concat('\n');

// Otherwise the campaign that we started would outlive us: it is in a group of its own.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-soak-'));
await runScript(async () => {
  const isGood = await soak(folder);
  if (isGood) await rm(folder, { recursive: true });
  return isGood;
});
