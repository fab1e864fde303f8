import { startCampaign, type Ground } from '../../harness/soak/campaign-process.ts';
import { partsOf, type Part } from '../../harness/soak/parts.ts';
import { takeDown, type Traces } from '../../harness/soak/traces.ts';
import { formatSeconds } from '../../reports/text/duration.ts';

/** A campaign that nobody killed: what the others are compared with, and how long each of its parts took. */
export interface Undisturbed {
  readonly traces: Traces;
  readonly parts: readonly Part[];
  readonly ms: number;
  readonly results: string;
}

/** Runs a campaign to its end. Throws when it does not come to one. */
export const runUndisturbed = async (ground: Ground): Promise<Undisturbed> => {
  await using campaign = startCampaign(ground);
  const end = await campaign.end;
  const traces = await takeDown(ground, end);
  if (end.exitCode !== 0 && end.exitCode !== 1) {
    throw new Error(`There is nothing to compare with: the campaign ended with exit code ${end.exitCode}`);
  }
  return { traces, parts: partsOf(campaign, traces.coldRows, end.ms), ms: end.ms, results: ground.results };
};

/** One line. */
export const undisturbedLine = ({ traces, parts, ms }: Undisturbed): string => {
  const partTexts = parts.map((part) => `${part.name} ${formatSeconds(part.ms)}`);
  return `undisturbed: ${traces.ran} cells in ${formatSeconds(ms)} (${partTexts.join(', ')})`;
};
