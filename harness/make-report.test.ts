import { expect, onTestFinished, test } from 'vitest';
import type { Expectation } from '../matrices/expectation.ts';
import { runCampaign } from './campaign.ts';
import { openMachine } from './fixtures/made-up-campaign.ts';

/** What a known issue comes to where LoRA fails in bf16, on two releases. */
const stateOf = async (more: Pick<Expectation, 'versions' | 'config'>): Promise<string | undefined> => {
  const machine = await openMachine({
    pins: ['0.20.0', '0.21.2'],
    axes: { adapter: ['lora'], precision: ['fp32', 'bf16'] },
    strength: 1,
    seed: 1,
    cells: 20,
    faults: [{ config: { adapter: 'lora', precision: 'bf16' }, message: 'it broke' }],
  });
  onTestFinished(() => machine[Symbol.asyncDispose]());
  const known = {
    id: 'known',
    kind: 'bug',
    title: 'it breaks',
    link: 'https://example.org',
    property: 'runs',
  } as const;
  const { catalogue } = machine.options;
  const result = await runCampaign({
    ...machine.options,
    catalogue: { ...catalogue, expectations: [{ ...known, words: ['it broke'], ...more }] },
  });
  return result.report.expectations[0]?.state;
};

test('a known issue of the newer release alone is seen, though the failure is told of the older one', async () => {
  expect(await stateOf({ versions: { peft: '>=0.21' } })).toBe('seen');
});

test('a known issue is stale where the cells that it speaks of pass, and not run where there are none', async () => {
  expect(await stateOf({ config: { precision: ['fp32'] } })).toBe('stale');
  expect(await stateOf({ config: { precision: ['fp16'] } })).toBe('not-run');
});
