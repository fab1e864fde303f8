import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nightOf } from '../../reports/fixtures/nights.ts';
import { quietReport } from '../../reports/fixtures/reports.ts';
import { verdictsOf } from '../../reports/fixtures/verdicts.ts';
import { NightStore } from './night-store.ts';

const kept = { standing: { report: quietReport, verdicts: verdictsOf({ reasons: [], cells: [] }) }, locks: {} };

test('a night that was stopped does not take the place of one of that day that came to its end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nights-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const store = new NightStore(folder, 'quick', 'local');
  const stopped = nightOf({ interrupted: true, complete: false });
  await store.publish(stopped, kept);
  expect(await store.lastGoodBefore('2026-07-29')).toBeUndefined();
  await store.publish(nightOf(), kept);
  await store.publish(stopped, kept);
  expect(await store.lastGoodBefore('2026-07-29')).toMatchObject({ night: { complete: true } });
});
