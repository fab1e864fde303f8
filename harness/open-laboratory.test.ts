import { expect, test } from 'vitest';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { normalise } from '../matrices/normalise.ts';
import { cellOf } from './fixtures/cells.ts';
import { diaryExecutor } from './fixtures/executor.ts';
import { neverAborted } from './interruption.ts';
import { Ledger } from './ledger.ts';
import { openLaboratory } from './open-laboratory.ts';

/** A disk that is full: nothing is recorded. */
class FullLedger extends Ledger {
  override record(): void {
    throw new Error('ENOSPC');
  }
}

test('where a cell throws, those that wait for their turn are not run once the laboratory is closed', async () => {
  const executor = diaryExecutor();
  using ledger = new FullLedger(':memory:');
  const catalogue = await loadCatalogue();
  const config = normalise(catalogue.axes, { adapter: 'none' });
  const cells = Array.from({ length: 20 }, (_, rank) => ({ ...cellOf({ rank }), config }));
  const asked = async (): Promise<void> => {
    await using open = openLaboratory({
      catalogue,
      executor,
      ledger,
      onEvent: () => {},
      stop: neverAborted,
      abort: neverAborted,
    });
    await Promise.all(cells.map((cell) => open.laboratory.run(cell, neverAborted)));
  };
  await expect(asked()).rejects.toThrow('ENOSPC');
  const left = executor.diary.length;
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  expect(executor.diary.slice(left)).toEqual([]);
  expect(executor.diary.at(-1)).toBe('close some');
  expect(executor.diary.filter((entry) => entry.startsWith('run')).length).toBeLessThan(cells.length);
});
