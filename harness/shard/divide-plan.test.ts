import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { canonicalConfig } from '../../matrices/config.ts';
import { loadMatrix } from '../../matrices/matrix.ts';
import type { ReadyPin } from '../cell.ts';
import { helloOf } from '../fixtures/made-up-pins.ts';
import { ranksOf } from '../laboratory.ts';
import { groundOf, planCampaign, referencesOf, type PlannedRun } from '../plan.ts';
import { dividePlan } from './divide-plan.ts';
import { parseShard } from './shard.ts';

const catalogue = await loadCatalogue();
const matrix = await loadMatrix(join(import.meta.dirname, '../../matrices/quick.yaml'), catalogue);
const pins = ['peft-0.21.2', 'peft-0.20.0', 'peft-0.19.1'].map((id): ReadyPin => ({
  pin: { id, device: 'cpu', source: { kind: 'interpreter', path: id } },
  hello: helloOf(id),
}));
const plan = planCampaign(matrix, catalogue, pins);

const nameOf = ({ ready, reads, attempt, config }: Omit<PlannedRun, 'part'>): string =>
  `${ready.pin.id} ${reads?.pin.id ?? ''} ${attempt} ${canonicalConfig(config)}`;

const counts = [1, 2, 3, 7, 40, 256, 5_000];

test.each(counts)('of %i parts, each run is in one, and each part is in the order of the plan', (of) => {
  const parts = dividePlan(plan, catalogue, pins, of);
  expect(parts).toHaveLength(of);
  const places = new Map(plan.runs.map((run, index) => [run, index]));
  for (const part of parts) {
    const order = part.map((run) => places.get(run) ?? NaN);
    expect(order).toEqual(order.toSorted((left, right) => left - right));
  }
  expect(new Set(parts.flat())).toEqual(new Set(plan.runs));
  expect(parts.flat()).toHaveLength(plan.runs.length);
});

test.each(counts)(
  'of %i parts, none tears apart what is compared bit for bit, or a checkpoint from its reader',
  (of) => {
    const parts = dividePlan(plan, catalogue, pins, of);
    const partOf = new Map(parts.flatMap((runs, part) => runs.map((run) => [nameOf(run), part] as const)));
    for (const run of plan.runs) {
      const { reads, ready, config } = run;
      if (run.attempt === 0 && reads === undefined) continue;
      const beside = nameOf({ ready: reads ?? ready, config, attempt: 0 });
      expect(partOf.get(nameOf(run))).toBe(partOf.get(beside));
    }
  },
);

test.each([2, 3, 7, 40])('of %i parts, all cost about the same', (of) => {
  const costs = dividePlan(plan, catalogue, pins, of).map((runs) =>
    runs.reduce((sum, { reads, config }) => sum + (reads === undefined ? ranksOf(config) : 0.5), 0),
  );
  // Within the largest group: two runs of two processes.
  expect(Math.max(...costs) - Math.min(...costs)).toBeLessThanOrEqual(2 * 4.5);
});

test('a part of three has most of what its cells are compared with', () => {
  const parts = dividePlan(plan, catalogue, pins, 3);
  const ground = groundOf(catalogue, pins);
  const planned = new Set(plan.runs.map(nameOf));
  let [here, elsewhere] = [0, 0];
  for (const part of parts) {
    const names = new Set(part.map(nameOf));
    for (const { ready, config } of part) {
      for (const reference of referencesOf(ground, ready, config)) {
        if (!planned.has(nameOf(reference)) || reference.ready !== ready) continue;
        if (names.has(nameOf(reference))) here += 1;
        else elsewhere += 1;
      }
    }
  }
  expect(elsewhere).toBeLessThan(here / 4);
  expect(here).toBeGreaterThan(500);
});

test('the parts are the same whenever they are asked for', () => {
  const again = dividePlan(planCampaign(matrix, catalogue, pins), catalogue, pins, 5);
  expect(again.map((runs) => runs.map(nameOf))).toEqual(
    dividePlan(plan, catalogue, pins, 5).map((runs) => runs.map(nameOf)),
  );
});

test.each([
  ['1/1', { index: 1, of: 1 }],
  ['3/256', { index: 3, of: 256 }],
  ['0/3', undefined],
  ['4/3', undefined],
  ['1', undefined],
  ['1/2/3', undefined],
  ['1/-2', undefined],
  ['1.5/2', undefined],
  ['', undefined],
])('%j is the part %j', (text, shard) => {
  expect(parseShard(text)).toEqual(shard);
});
