import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Report } from '../../reports/report-model.ts';
import { runCampaign, type CampaignResult } from '../campaign.ts';
import { anyMadeUp, openMachine, type MadeUp } from '../fixtures/made-up-campaign.ts';
import { mergeLedger } from '../ledger/merge-ledgers.ts';
import { ResultsFolder } from '../results-folder.ts';
import type { ShardResult } from '../../reports/shard-result.ts';
import { runShard } from './run-shard.ts';

/** What two reports of the same observations have in common. */
const lasting = ({ report: { campaign, ...report }, verdicts }: CampaignResult): unknown => {
  const { startedAt: _, finishedAt: __, ran: ___, reused: ____, ...same } = campaign;
  return { campaign: same, report: report satisfies Omit<Report, 'campaign'>, verdicts };
};

/** Runs a campaign on as many machines as there are parts, merges their ledgers in some order, and runs it there. */
const runDivided = async (
  madeUp: MadeUp,
  order: readonly number[],
): Promise<{ readonly parts: readonly ShardResult[]; readonly whole: CampaignResult }> => {
  await using merged = await openMachine(madeUp);
  const path = new ResultsFolder(merged.results).ledger;
  const parts: ShardResult[] = [];
  for (const part of order) {
    await using machine = await openMachine(madeUp);
    parts.push(await runShard(machine.options, { index: part + 1, of: order.length }));
    mergeLedger(path, machine.results);
  }
  return { parts, whole: await runCampaign(merged.options) };
};

const sumOf = (parts: readonly ShardResult[], count: (part: ShardResult) => number): number =>
  parts.reduce((sum, part) => sum + count(part), 0);

const anyOrder = fc
  .integer({ min: 1, max: 6 })
  .chain((of) => fc.shuffledSubarray([...Array.from({ length: of }).keys()], { minLength: of, maxLength: of }));

test('a campaign in parts comes to what the undivided one comes to, and runs no cell of the plan again', async () => {
  let failures = 0;
  await fc.assert(
    fc.asyncProperty(anyMadeUp, anyOrder, async (madeUp, order) => {
      await using alone = await openMachine(madeUp);
      const undivided = await runCampaign(alone.options);
      failures += undivided.report.failures.length;
      const { parts, whole } = await runDivided(madeUp, order);
      expect(lasting(whole)).toEqual(lasting(undivided));
      expect(sumOf(parts, ({ runs }) => runs)).toBe(parts[0]?.planned);
      // Nothing is run twice: what shrinking and confirming need is left for the last one.
      const ran = sumOf(parts, (part) => part.ran);
      expect(whole.report.campaign.ran).toBe(undivided.report.campaign.ran - ran);
      expect(whole.report.campaign.reused).toBeGreaterThanOrEqual(ran);
    }),
    { numRuns: 10 },
  );
  expect(failures).toBeGreaterThan(0);
}, 600_000);
