import { shardOutcome, type ShardResult } from '../shard-result.ts';
import { countOf } from '../text/count.ts';
import { oneLine } from '../text/safe-text.ts';

/** What became of one part of a campaign, for people, and what to do with it. */
export const renderShard = (result: ShardResult): string => {
  const { campaign, index, of, runs, planned, ran, reused, pins } = result;
  const where = pins.length === 0 ? '' : ` on ${oneLine(pins.join(', '), 1_000)}`;
  const { exitCode, reasons } = shardOutcome(result);
  return [
    `${oneLine(campaign, 200)}, shard ${index} of ${of}: ${runs} of ${countOf(planned, 'run')}${where}`,
    `${ran} run, ${reused} from the ledger`,
    ...Object.entries(result.brokenPins).map(
      ([pin, reason]) => `broken   ${oneLine(pin, 80)}: ${oneLine(reason, 300)}`,
    ),
    ...Object.entries(result.broken).map(([reason, count]) => `broken   ${count}: ${oneLine(reason, 300)}`),
    ...Object.entries(result.skipped).map(([reason, count]) => `skipped  ${count}: ${oneLine(reason, 300)}`),
    'nothing is judged yet: merge the ledgers of all shards (peft-matrix ledger merge), then run the matrix there',
    `exit ${exitCode}: ${reasons.length === 0 ? 'as expected' : reasons.join('; ')}`,
  ].join('\n');
};
