import type { ShardResult } from '../../reports/shard-result.ts';
import { withPlannedCampaign, type CampaignOptions } from '../planned-campaign.ts';
import { pinIdOf } from '../prepare-pins.ts';
import { runPlan } from '../run-plan.ts';
import { dividePlan } from './divide-plan.ts';
import type { Shard } from './shard.ts';
import { recordShard } from './shard-record.ts';

/**
 * Runs one part of a campaign into the ledger. Once the ledgers of all parts are merged, the campaign finds all its cells
 * there: it judges, shrinks and reports as if it had run them itself.
 *
 * @throws {InputError} When a pin has no lock: each part would resolve its own.
 */
export const runShard = (options: CampaignOptions, shard: Shard): Promise<ShardResult> =>
  withPlannedCampaign({ ...options, mayResolve: false }, async (planned) => {
    const { id, plan, pins, prepared, states, laboratory, stop } = planned;
    const { matrix, catalogue, ledger, interruption, onEvent } = options;
    const runs = dividePlan(plan, catalogue, pins, shard.of)[shard.index - 1] ?? [];
    planned.startClock();
    const { reused, missed: all } = await runPlan({ runs }, laboratory, stop, onEvent);
    // Where a cell wrote no checkpoint there is nothing to read: that is no fault of this machine.
    const missed = new Map([...all].filter(([{ reads }]) => reads === undefined));
    ledger.recordUses(id, matrix.name);
    recordShard(ledger, matrix.name, planned, shard, { runs: runs.length, missed: missed.size });
    const missedAs = (kind: 'broken' | 'skipped'): Readonly<Record<string, number>> =>
      countTexts([...missed.values()].flatMap((verdict) => (verdict.kind === kind ? [verdict.reason] : [])));
    return {
      campaign: id,
      ...shard,
      pins: [...new Set(runs.map(({ ready }) => ready.pin.id))],
      runs: runs.length,
      planned: plan.runs.length,
      ran: planned.ran(),
      reused,
      broken: missedAs('broken'),
      skipped: missedAs('skipped'),
      brokenPins: Object.fromEntries([
        ...prepared.flatMap((pin) => (pin.kind === 'broken' ? [[pinIdOf(pin), pin.reason] as const] : [])),
        ...states.flatMap((state) => (state.kind === 'broken' ? [[state.pin.id, state.reason] as const] : [])),
      ]),
      isInterrupted: interruption.stop.aborted,
    };
  });

const countTexts = (texts: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries([...Map.groupBy(texts.toSorted(), (text) => text)].map(([text, all]) => [text, all.length]));
