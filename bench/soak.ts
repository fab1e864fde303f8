import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { startCampaign } from '../harness/soak/campaign-process.ts';
import { disturb, type Round } from '../harness/soak/disturb.ts';
import { layGround, soakMatrix } from '../harness/soak/ground.ts';
import { stageDurations, type Stage } from '../harness/soak/stages.ts';
import { takeDown, type Traces } from '../harness/soak/traces.ts';
import { formatSeconds } from '../reports/text/duration.ts';
import { roundLine, tableHead, tableRow } from './soak/describe-round.ts';
import { planRounds } from './soak/plan-rounds.ts';
import { print } from '../harness/commands/command.ts';

/**
 * Kills a campaign with SIGKILL at random moments, starts it again, and compares what it comes to with a run that nobody
 * disturbed: `npm run soak -- --rounds 20 --seed 1 [--matrix FILE] [--write]`.
 */
const command = new Command('soak')
  .option('--rounds <number>', 'campaigns to kill', Number, 20)
  .option('--seed <number>', 'seed of the moments', Number, 1)
  .option('--matrix <file>', 'another campaign', soakMatrix)
  .option('--write', 'write the table to bench/SOAK.md')
  .parse();

interface Whole {
  readonly traces: Traces;
  readonly durations: Readonly<Record<Stage, number>>;
  readonly ms: number;
  readonly results: string;
}

const runWhole = async (folder: string, matrix: string): Promise<Whole> => {
  const ground = await layGround(folder, matrix);
  await using campaign = startCampaign(ground);
  const end = await campaign.end;
  const traces = await takeDown(ground, end);
  const durations = stageDurations(campaign, traces.coldRows, end.ms);
  return { traces, durations, ms: end.ms, results: ground.results };
};

const isWell = ({ isEqual, problems }: Round): boolean => isEqual && problems.length === 0;

const soak = async (folder: string): Promise<boolean> => {
  const { rounds: count, seed, matrix, write } = command.opts();
  const path = resolve(matrix);
  const whole = await runWhole(join(folder, 'undisturbed'), path);
  const { ran } = whole.traces;
  const stageText = Object.entries(whole.durations).map(([stage, ms]) => `${stage} ${formatSeconds(ms)}`);
  const summary = `undisturbed: ${ran} cells in ${formatSeconds(whole.ms)} (${stageText.join(', ')})`;
  print(summary);
  const rounds: Round[] = [];
  for (const kills of planRounds(count, seed, whole.durations)) {
    const number = rounds.length + 1;
    const place = join(folder, String(number));
    const round = await disturb(await layGround(place, path, whole.results), kills, whole.traces);
    rounds.push(round);
    print(roundLine(round, number, count));
    if (isWell(round)) await rm(place, { recursive: true });
    else print(`  kept: ${place}`);
  }
  const good = rounds.filter(isWell).length;
  const verdict = `${good} of ${count} rounds came to the report of the undisturbed run and left nothing behind`;
  print(verdict);
  if (write === true) {
    const [cpu] = cpus();
    await writeFile(
      join(import.meta.dirname, 'SOAK.md'),
      `# Killed and started again\n\n\`npm run soak -- --rounds ${count} --seed ${seed} --write\` on ${cpus().length} cores (${cpu?.model ?? 'unknown'}), ` +
        `Node ${process.versions.node}.\n\n${summary}.\n\n${tableHead}\n${rounds.map((round, index) => tableRow(round, index + 1)).join('\n')}\n\n${verdict}.\n`,
    );
  }
  return good === count;
};

// The default would end us without the campaign that we started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const folder = await mkdtemp(join(tmpdir(), 'peft-matrix-soak-'));
const isGood = await soak(folder);
if (isGood) await rm(folder, { recursive: true });
process.exitCode = isGood ? 0 : 1;
