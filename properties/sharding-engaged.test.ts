import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import type { Config } from '../matrices/config.ts';
import { judge, readCell, subjectOf, withFacts, withoutFacts, type Cell } from './fixtures/cells.ts';
import { shardingEngaged } from './sharding-engaged.ts';

type Got = NonNullable<Observation['got']>;

const lora = readCell('lora-fp32-fsdp1');

const cellOf = (config: Config, got: Partial<Got>): Cell => ({
  subject: subjectOf({ adapter: 'lora', precision: 'fp32', ...config }),
  observation: {
    phases: [],
    ranks: 2,
    backend: 'gloo',
    got: { wrapped: 'FullyShardedDataParallel', units: 3, shares: [0.5, 0.5], dtypes: {}, ...got },
  },
});

const fsdp1 = { sharding: 'fsdp1', strategy: 'FULL_SHARD', wrap: 'transformer' };
const fsdp2 = { sharding: 'fsdp2', fully_shard: 'layers' };
const peftModel = 'FSDPPeftModelForCausalLM';

describe('sharding-engaged', () => {
  test.each([
    'lora-fp32-none',
    'lora-fp32-fsdp1',
    'lora-bf16-fsdp2',
    'lora-autocast-ddp',
    'vera-fp32-noshard',
    'none-bf16-none',
    'none-bf16-fsdp2',
    'dora-fp32-fsdp1-peft',
  ])('holds on the real cell %s', (name) => {
    expect(judge(shardingEngaged, readCell(name))).toEqual({ kind: 'holds' });
  });

  test('has no evidence when wrapping failed', () => {
    expect(judge(shardingEngaged, readCell('lora-fp32-fsdp1-flat')).kind).toBe('no-evidence');
    expect(judge(shardingEngaged, withoutFacts(lora, 'got')).kind).toBe('no-evidence');
  });

  test.each<readonly [string, Config, Partial<Got>]>([
    ['an adapter of odd rank, which FSDP2 splits unevenly', fsdp2, { wrapped: peftModel, shares: [0.5069, 0.4931] }],
    ['padded shares', fsdp1, { shares: [0.5001, 0.5001] }],
    ['many units under the policy of PEFT', { ...fsdp1, wrap: 'peft' }, { units: 31, layerUnits: 2 }],
    ['three ranks', fsdp1, { shares: [0.3333, 0.3333, 0.3334] }],
  ])('allows %s', (_what, config, got) => {
    expect(judge(shardingEngaged, cellOf(config, got))).toEqual({ kind: 'holds' });
  });

  test('allows units for layers that an adapter adds, and for no others', () => {
    const cell = cellOf(fsdp2, { wrapped: peftModel, units: 7 });
    expect(judge(shardingEngaged, cell).kind).toBe('violated');
    const adapter = { ...cell.subject.adapter, addsLayers: true as const };
    expect(judge(shardingEngaged, { ...cell, subject: { ...cell.subject, adapter } })).toEqual({ kind: 'holds' });
  });

  test("knows that PEFT's policy looks for the layers of transformers' models alone", () => {
    const cell = cellOf({ ...fsdp1, wrap: 'peft' }, { units: 1 });
    expect(judge(shardingEngaged, cell).kind).toBe('violated');
    const model = { ...cell.subject.model, library: 'probe' as const };
    expect(judge(shardingEngaged, { ...cell, subject: { ...cell.subject, model } })).toEqual({ kind: 'holds' });
  });

  test.each<readonly [string, Config, Partial<Got>, string]>([
    [
      'DDP in place of FSDP1',
      fsdp1,
      { wrapped: 'DistributedDataParallel', units: 0, shares: [1, 1] },
      'the model was not wrapped as fsdp1 but as ddp',
    ],
    ['FSDP1 in place of FSDP2', fsdp2, {}, 'the model was not wrapped as fsdp2 but as fsdp1'],
    [
      'no wrapping at all',
      { sharding: 'ddp' },
      { wrapped: 'PeftModel' },
      'the model was not wrapped as ddp but as none',
    ],
    [
      'trainable leaves that make up in number for layers that are none under the policy of PEFT',
      { ...fsdp1, wrap: 'peft' },
      { units: 31, layerUnits: 1 },
      "layers of the model are no FSDP units under PEFT's policy",
    ],
    ['layers without units of their own', fsdp1, { units: 1 }, 'fewer FSDP units than the wrapping asks for'],
    ['units that nobody asked for', { ...fsdp1, wrap: 'none' }, {}, 'more FSDP units than the wrapping asks for'],
    [
      'a missing unit under FSDP2',
      fsdp2,
      { wrapped: peftModel, units: 2 },
      'fewer FSDP units than the wrapping asks for',
    ],
    [
      'parameters that every rank holds whole',
      fsdp1,
      { shares: [1, 1] },
      'ranks hold more than their share of the model',
    ],
    ['a layer that is not sharded', fsdp1, { shares: [0.7, 0.7] }, 'ranks hold more than their share of the model'],
    ['one rank that holds everything', fsdp1, { shares: [1, 0] }, 'the model is not split over the ranks as asked'],
    ['parameters that are gone', fsdp1, { shares: [0.46, 0.46] }, 'the model is not split over the ranks as asked'],
    [
      'NO_SHARD that shards',
      { ...fsdp1, strategy: 'NO_SHARD' },
      { shares: [0.5, 0.5] },
      'the model is not split over the ranks as asked',
    ],
  ])('sees %s', (_fault, config, got, message) => {
    expect(judge(shardingEngaged, cellOf(config, got))).toMatchObject({ kind: 'violated', phase: 'wrap', message });
  });

  test('sees a cell that ran on one process', () => {
    expect(judge(shardingEngaged, withFacts(lora, { ranks: 1, backend: 'none' }))).toHaveProperty(
      'message',
      'the cell did not run on the processes that its sharding asks for',
    );
  });
});
