import { startCampaign } from '../../harness/soak/campaign-process.ts';
import { layGround } from '../../harness/soak/ground.ts';
import { stageDurations, type Stage } from '../../harness/soak/stages.ts';
import { takeDown, type Traces } from '../../harness/soak/traces.ts';
import { formatSeconds } from '../../reports/text/duration.ts';

/** A campaign that nobody killed: what the others are compared with, and how long each of its stages took. */
export interface Undisturbed {
  readonly traces: Traces;
  readonly durations: Readonly<Record<Stage, number>>;
  readonly ms: number;
  readonly results: string;
}

/** Runs a campaign to its end. Throws when it does not come to one. */
export const runUndisturbed = async (folder: string, matrix: string): Promise<Undisturbed> => {
  const ground = await layGround(folder, matrix);
  await using campaign = startCampaign(ground);
  const end = await campaign.end;
  const traces = await takeDown(ground, end);
  if (end.exitCode !== 0 && end.exitCode !== 1) {
    throw new Error(`There is nothing to compare with: the campaign ended with exit code ${end.exitCode}`);
  }
  const durations = stageDurations(campaign, traces.coldRows, end.ms);
  return { traces, durations, ms: end.ms, results: ground.results };
};

/** One line. */
export const undisturbedLine = ({ traces, durations, ms }: Undisturbed): string => {
  const stageTexts = Object.entries(durations).map(([stage, stageMs]) => `${stage} ${formatSeconds(stageMs)}`);
  return `undisturbed: ${traces.ran} cells in ${formatSeconds(ms)} (${stageTexts.join(', ')})`;
};
