import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Ledger } from '../ledger.ts';
import { isLedgerInUse } from './is-ledger-in-use.ts';

test('a ledger is in use as long as somebody has it open', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'in-use-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'ledger.sqlite');
  expect(isLedgerInUse(path)).toBe(false);
  {
    using first = new Ledger(path);
    using second = new Ledger(path);
    expect(isLedgerInUse(path)).toBe(true);
    first[Symbol.dispose]();
    expect(isLedgerInUse(path)).toBe(true);
    second.recordFailure('ab12', { id: 'ab12' });
  }
  expect(isLedgerInUse(path)).toBe(false);
  using again = new Ledger(path);
  expect(again.findFailures('ab')).toEqual([{ id: 'ab12' }]);
});

test('a file that is no ledger is in nobody’s use', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'in-use-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'ledger.sqlite'), 'nonsense'.repeat(1000));
  expect(isLedgerInUse(join(folder, 'ledger.sqlite'))).toBe(false);
});
