import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Lock } from '../../matrices/pin.ts';
import { anyRows } from '../fixtures/made-up-rows.ts';
import { absorbRows } from './absorb-rows.ts';
import { openLedgerFile } from './ledger-file.ts';
import { ledgerRows, ledgerRowSchema, type LedgerRow, type ObservationRow } from './ledger-rows.ts';
import { pruneLedger, type Pruning } from './prune-ledger.ts';

const lockOf = (peft: string): Lock => ({
  python: '3.11',
  device: 'cpu',
  platform: 'linux-x86_64',
  packages: { peft },
});

const moment = '2026-11-03T00:00:00.000Z';

const anyPruning: fc.Arbitrary<Omit<Pruning, 'dryRun'>> = fc.record(
  {
    seenBefore: fc.constant(moment),
    unusedSince: fc.constant(moment),
    locks: fc.subarray(['0.20.0', '0.21.2', '0.19.1']).map((all) => all.map(lockOf)),
    campaigns: fc.subarray(['a', 'b', 'c']),
  },
  { requiredKeys: ['campaigns'] },
);

/** What prunings are held to, written down plainly. */
const isWanted = (
  row: ObservationRow,
  rows: readonly LedgerRow[],
  { seenBefore, unusedSince, locks }: Omit<Pruning, 'dryRun'>,
): boolean => {
  const lately = new Set(
    rows.flatMap((each) => (each.table === 'campaigns' && each.used_at >= moment ? [each.id] : [])),
  );
  const isUsed = rows.some((each) => each.table === 'uses' && each.key === row.key && lately.has(each.campaign));
  const peft = row.identity.includes('0.20.0') ? '0.20.0' : '0.21.2';
  return (
    (seenBefore !== undefined && row.seen_at < seenBefore) ||
    (unusedSince !== undefined && row.seen_at < unusedSince && !isUsed) ||
    (locks !== undefined && !locks.some(({ packages }) => packages['peft'] === peft))
  );
};

test('what was asked for goes with all its attempts, and what a kept campaign stands on stays', () => {
  fc.assert(
    fc.property(anyRows, anyPruning, (given, pruning) => {
      using database = openLedgerFile(':memory:');
      absorbRows(database, given);
      const believed = database
        .prepare('SELECT * FROM observations')
        .all()
        .flatMap((found) => {
          const row = ledgerRowSchema.parse({ table: 'observations', ...found });
          return row.table === 'observations' ? [row] : [];
        });
      const rows = [...ledgerRows(database)];
      const staying = new Set(
        rows.flatMap((row) => (row.table === 'uses' && pruning.campaigns.includes(row.campaign) ? [row.key] : [])),
      );
      const wanted = new Set(believed.filter((row) => isWanted(row, rows, pruning)).map(({ key }) => key));
      const going = wanted.difference(staying);
      const counted = pruneLedger(database, { ...pruning, dryRun: true });
      expect([...ledgerRows(database)]).toEqual(rows);
      expect(pruneLedger(database, { ...pruning, dryRun: false })).toEqual(counted);
      expect(counted).toEqual({
        removed: believed.filter(({ key }) => going.has(key)).length,
        kept: believed.filter(({ key }) => wanted.has(key) && staying.has(key)).length,
        of: believed.length,
      });
      const left = rows.filter((row) => !('key' in row && going.has(row.key)));
      expect([...ledgerRows(database)]).toEqual(left);
    }),
  );
});
