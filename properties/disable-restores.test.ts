import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import { disableRestores } from './disable-restores.ts';
import { cellsWithUsages, findings, readCell, withFacts, withoutFacts, withPromises } from './fixtures/cells.ts';

const lora = readCell('lora-fp32-none');
const healthy = { distance: 2e-7, gradient: 3e-7, enabled: 0, flags: [] };
const disabled = (facts: Partial<NonNullable<Observation['disabled']>>): readonly string[] =>
  findings(disableRestores, withFacts(lora, { disabled: { ...healthy, ...facts } }));

describe('disable-restores', () => {
  test.each(cellsWithUsages)('holds on the real cell %s', (name) => {
    expect(findings(disableRestores, readCell(name))).toEqual(['holds']);
  });

  test('holds where the model is the base model, and itself again', () => {
    expect(disabled({})).toEqual(['holds']);
  });

  test.each([
    [{ distance: 1e-3 }, 'disable: outputs with the adapter disabled differ from those of the base model'],
    [{ distance: Number.NaN }, 'disable: outputs with the adapter disabled differ from those of the base model'],
    [{ gradient: 1e-3 }, 'disable: gradients through the disabled adapter differ from those of the base model'],
    [{ gradient: 1 }, 'disable: gradients through the disabled adapter differ from those of the base model'],
    [{ enabled: 1e-3 }, 'enable: outputs differ after disabling the adapter and enabling it again'],
    [
      { flags: ['base_model.model.lm_head.lora_A.default.weight'] },
      'enable: parameters require gradients where they did not, or the reverse, after disabling and enabling: lora_A',
    ],
  ])('sees %o', (fault, finding) => {
    expect(disabled(fault)).toEqual([finding]);
  });

  test('tells of independent faults one by one', () => {
    expect(disabled({ distance: 1, enabled: 1 })).toHaveLength(2);
  });

  test('judges what there is when enabling failed', () => {
    expect(findings(disableRestores, withFacts(lora, { disabled: { distance: 0 } }))).toEqual(['holds']);
  });

  test('has no evidence without the fact, or where training ended in NaN', () => {
    expect(findings(disableRestores, withoutFacts(lora, 'disabled'))).toEqual(['no-evidence']);
    const { outputs } = lora.observation;
    if (outputs === undefined) throw new Error('The fixture has no outputs');
    const broken = withFacts(lora, { disabled: { distance: 1 }, outputs: { ...outputs, norm: Number.NaN } });
    expect(findings(disableRestores, broken)).toEqual(['no-evidence']);
  });

  test('asks for the usage of adapters that promise it, alone', () => {
    expect(disableRestores.usages?.(lora.subject)).toEqual(['disable']);
    expect(disableRestores.applies(lora.subject)).toBe(true);
    expect(disableRestores.applies(withPromises(lora, { disable: false }).subject)).toBe(false);
    expect(disableRestores.applies(readCell('lora-fp32-fsdp1').subject)).toBe(false);
    expect(disableRestores.applies(readCell('none-bf16-none').subject)).toBe(false);
    expect(disableRestores.references).toBeUndefined();
  });
});
