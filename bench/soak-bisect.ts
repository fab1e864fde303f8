import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Command } from '@commander-js/extra-typings';
import { execa } from 'execa';
import { integerOption, print } from '../harness/commands/command.ts';
import {
  bisectWhole,
  disturbBisect,
  layBisectGround,
  type BisectKill,
  type BisectRound,
  type BisectTraces,
} from '../harness/soak/disturb-bisect.ts';
import { formatSeconds } from '../reports/text/duration.ts';
import { seededDraw } from '../properties/seeded-random.ts';
import { currentLoad } from './describe-bench.ts';
import { markdownTable } from './section.ts';

const { rounds, seed, write } = new Command('soak-bisect')
  .description(
    'kills a bisect with SIGKILL at random moments, starts it again, and compares its answer with that of one that nobody ' +
      'disturbed; exit code 1 when anything differs, is lost, is run twice, or is left',
  )
  .option('--rounds <number>', 'bisects to kill', integerOption, 20)
  .option('--seed <number>', 'seed of the moments', integerOption, 1)
  .option('--write', 'write bench/SOAK-bisect.md')
  .parse()
  .opts();

/** DoRA with flat parameters of FSDP1, as 0.11.1 shows it: see `dora-fsdp1-flat-magnitude` in known-issues.yaml. */
const failure = '9e14b125';
const words = ['--find-fix'];
const matrix = [
  'version: 1',
  'name: soak-bisect',
  'asOf: 2026-11-20',
  "pins: [{ peft: '0.11.1', python: '3.11', torch: '2.13.0', transformers: '5.17.0', device: cpu }]",
  'axes: { adapter: [dora], sharding: [fsdp1], use_orig_params: [false], wrap: [peft] }',
  'strength: 1',
  'budget: { cells: 4, random: 0 }',
].join('\n');

/** A kill of the harness and of its group in turn; every fourth bisect is killed three times. */
const planKills = (wholeMs: number): readonly (readonly BisectKill[])[] => {
  const draw = seededDraw(seed);
  return Array.from({ length: rounds }, (_, round) =>
    Array.from({ length: round % 4 === 3 ? 3 : 1 }, (__, kill): BisectKill => {
      const target = (round + kill) % 2 === 0 ? 'harness' : 'group';
      return { target, afterMs: Math.round((wholeMs * draw(1000)) / 1000) };
    }),
  );
};

const isWell = (round: BisectRound, whole: BisectTraces): boolean =>
  round.problems.length === 0 && isDeepStrictEqual(round.answer, whole.answer);

const soak = async (folder: string): Promise<boolean> => {
  const load = currentLoad();
  const found = join(folder, 'campaign');
  await writeFile(join(folder, 'matrix.yaml'), matrix);
  const cli = join(import.meta.dirname, '../harness/cli.ts');
  await execa(process.execPath, [cli, 'run', join(folder, 'matrix.yaml'), '--results', found, '--quiet'], {
    reject: false,
  });
  const place = { failure, words, results: found };
  // The first one builds what environments are missing, and counts for nothing.
  await bisectWhole(await layBisectGround(join(folder, 'building'), place));
  const whole = await bisectWhole(await layBisectGround(join(folder, 'undisturbed'), place));
  const undisturbed = `undisturbed: ${whole.ran} cells in ${formatSeconds(whole.ms)}`;
  print(undisturbed);
  const done: BisectRound[] = [];
  for (const kills of planKills(whole.ms)) {
    const ground = await layBisectGround(join(folder, String(done.length + 1)), place);
    const round = await disturbBisect(ground, kills, whole);
    done.push(round);
    print(`round ${done.length} of ${rounds}: ${rowOf(round, whole).join('; ')}`);
  }
  const verdict = `${done.filter((round) => isWell(round, whole)).length} of ${rounds} bisects ended as if nothing had happened.`;
  print(verdict);
  if (write === true) {
    const text = [
      '# Soak of bisects',
      `Written by \`npm run soak-bisect -- --rounds ${rounds} --seed ${seed} --write\`: \`bisect ${failure} ${words.join(' ')}\` over the ` +
        'releases of PEFT is killed with SIGKILL at random moments and started again at once. Its answer must be that of one ' +
        'that nobody disturbed, no observation may change, the last run may run only what was not recorded, and no process ' +
        'may be left. `missed`: it was over by then.',
      `- Date: ${new Date().toISOString().slice(0, 10)}\n- Machine: ${availableParallelism()} cores, ` +
        `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}\n- Load before: ${load.toFixed(2)}\n- ${undisturbed}`,
      `**${verdict}**`,
      markdownTable(
        ['killed', 'at', 'cells in the ledger', 'last run took', 'cells that it ran', 'same answer', 'problems'],
        done.map((round) => rowOf(round, whole)),
      ),
    ];
    await writeFile(join(import.meta.dirname, 'SOAK-bisect.md'), `${text.join('\n\n')}\n`);
  }
  return done.every((round) => isWell(round, whole));
};

const rowOf = (round: BisectRound, whole: BisectTraces): readonly string[] => [
  round.kills.map(({ target, isMissed }) => (isMissed ? 'missed' : target)).join(', '),
  round.kills.map(({ atMs }) => formatSeconds(atMs)).join(', '),
  round.kills.map(({ rows }) => String(rows)).join(', '),
  formatSeconds(round.finishMs),
  String(round.ran),
  isDeepStrictEqual(round.answer, whole.answer) ? 'yes' : 'NO',
  round.problems.join('; ') || 'none',
];

const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-soak-bisect-'));
const isGood = await soak(folder);
if (isGood) await rm(folder, { recursive: true });
process.exitCode = isGood ? 0 : 1;
