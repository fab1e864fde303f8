import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import { adaptersDoNotLeak } from './adapters-do-not-leak.ts';
import { cellsWithUsages, findings, readCell, withFacts, withPromises } from './fixtures/cells.ts';

type Adapters = NonNullable<Observation['adapters']>;

const lora = readCell('lora-fp32-none');
const healthy: Adapters = {
  beside: 0,
  second: 2e-7,
  back: 0,
  inactiveTrainable: [],
  savedExtra: [],
  savedMissing: [],
  deleted: 0,
  leftovers: [],
};
const adapters = (facts: Partial<Adapters>): readonly string[] =>
  findings(adaptersDoNotLeak, withFacts(lora, { adapters: { ...healthy, ...facts } }));

describe('adapters-do-not-leak', () => {
  test.each(cellsWithUsages)('holds on the real cell %s', (name) => {
    expect(findings(adaptersDoNotLeak, readCell(name))).toEqual(['holds']);
  });

  test('holds where adapters leave each other alone', () => {
    expect(adapters({})).toEqual(['holds']);
    const refused = { duplicate: { raised: 'ValueError', distance: 0 } };
    expect(findings(adaptersDoNotLeak, withFacts(lora, { adapters: refused }))).toEqual(['holds']);
    expect(
      findings(
        adaptersDoNotLeak,
        withFacts(lora, {
          combined: { single: { distance: 1e-6 }, negative: { distance: 1e-6 } },
          hotswapped: { distance: 1e-6 },
          mixed: { distance: 1e-6 },
        }),
      ),
    ).toEqual(['holds']);
  });

  test.each<readonly [Partial<Adapters>, string]>([
    [
      { beside: 0.1, back: 0.1, deleted: 0.1 },
      'second-adapter: adding another adapter changes the outputs of the active one',
    ],
    [{ back: 2.69, deleted: 2.69 }, 'switch: outputs differ after switching to another adapter and back'],
    [{ deleted: 0.1 }, 'delete: deleting another adapter changes the outputs of the active one'],
    [{ second: 0.1 }, 'switch: another adapter gives other outputs than in a model of its own'],
    [{ inactiveTrainable: ['a'] }, 'switch: parameters of an inactive adapter require gradients'],
    [
      { savedExtra: ['a.lora_Abar.weight'] },
      'second-adapter: an adapter saved beside another has tensors in its checkpoint that are not its own',
    ],
    [{ savedMissing: ['a'] }, 'second-adapter: an adapter saved beside another lacks tensors in its checkpoint'],
    [{ duplicate: { distance: 0.2236 } }, 'second-adapter: a second adapter under the same name is not refused'],
    [
      { duplicate: { raised: 'KeyError', distance: 0.2 } },
      'second-adapter: a second adapter under the same name is refused too late',
    ],
    [{ leftovers: ['a'] }, 'delete: tensors of a deleted adapter are still there'],
  ])('sees %o', (fault, finding) => {
    expect(adapters(fault)).toEqual([finding]);
  });

  test.each<readonly [Partial<Observation>, string]>([
    [
      { combined: { single: { distance: 0.1 }, negative: { distance: 0 } } },
      'combine: one adapter with weight 1 is not itself',
    ],
    [
      { combined: { single: { distance: 0 }, negative: { distance: 2 } } },
      'combine: an adapter with weight -1 is not its negative',
    ],
    [
      { combined: { single: { distance: 0 }, negative: { raised: 'ValueError' } } },
      'combine: add_weighted_adapter with a negative weight raised ValueError',
    ],
    [
      { hotswapped: { distance: 0.34 } },
      'hotswap: an adapter that was swapped in gives other outputs than the same loaded as usual',
    ],
    [{ mixed: { distance: 0.1 } }, 'mixed-batch: rows of a mixed batch differ from the same rows alone'],
  ])('sees %o', (fault, finding) => {
    expect(findings(adaptersDoNotLeak, withFacts(lora, fault))).toEqual([finding]);
  });

  test('judges what there is when the cell got no further, and has no evidence of nothing', () => {
    expect(findings(adaptersDoNotLeak, withFacts(lora, { adapters: { beside: 0 } }))).toEqual(['holds']);
    const { adapters: _one, combined: _two, hotswapped: _three, mixed: _four, ...observation } = lora.observation;
    expect(findings(adaptersDoNotLeak, { ...lora, observation })).toEqual(['no-evidence']);
  });

  test('asks for what the adapter promises, and for nothing else', () => {
    expect(adaptersDoNotLeak.usages?.(readCell('vera-fp32-none').subject)).toEqual(['adapters']);
    expect(adaptersDoNotLeak.usages?.(lora.subject)).toEqual(['adapters', 'combine', 'hotswap', 'mixed-batch']);
    const alone = { several: false, combine: false, hotswap: false, mixedBatch: false };
    expect(adaptersDoNotLeak.applies(withPromises(lora, alone).subject)).toBe(false);
    expect(adaptersDoNotLeak.applies(readCell('lora-fp32-fsdp1').subject)).toBe(false);
  });
});
