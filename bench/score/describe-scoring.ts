import { availableParallelism, cpus } from 'node:os';
import { describeCommit } from '../describe-bench.ts';

/** Where and on what it was had: a line of Markdown. */
export const describeScoring = async (pins: number, ran: number, ms: number): Promise<string> =>
  `_${new Date().toISOString().slice(0, 10)}, commit ${await describeCommit()}, \`npm run score\`; ${pins} pins with torch 2.13.0 ` +
  `on Python 3.11, CPU and gloo; ${ran} cells run in ${(ms / 60_000).toFixed(0)} minutes, the others from the ledger; ` +
  `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown CPU'}._`;
