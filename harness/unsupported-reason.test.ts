import { beforeAll, expect, test } from 'vitest';
import { loadCatalogue, type Catalogue } from '../matrices/catalogue.ts';
import { describeReason } from './unsupported-reason.ts';

let catalogue: Catalogue;
beforeAll(async () => {
  catalogue = await loadCatalogue();
});

const becauseOf = (id: string): string =>
  [...catalogue.rules, ...catalogue.refusals].find((one) => one.id === id)?.because ?? '';

test('an adapter that a release does not have says since when there is one, and no other value would help', () => {
  expect(describeReason(catalogue, 'hra is there since PEFT 0.12.0', 'adapter:hra')).toEqual({
    because: 'hra is there since PEFT 0.12.0',
    rule: 'adapter:hra',
    whole: true,
    since: '0.12.0',
  });
  expect(describeReason(catalogue, 'gone', 'adapter:bone')).toMatchObject({ until: '0.19.0' });
});

test('an option that a release does not have leaves others', () => {
  expect(describeReason(catalogue, 'no', 'option:lora_bias')).toEqual({ because: 'no', rule: 'option:lora_bias' });
});

test('a rule holds for all of a method where it asks for nothing but method, sharding and precision', () => {
  expect(describeReason(catalogue, becauseOf('fsdp2-needs-torch-2-6'), 'fsdp2-needs-torch-2-6').whole).toBe(true);
  expect(describeReason(catalogue, becauseOf('vera-one-shape-llama'), 'vera-one-shape-llama')).toMatchObject({
    since: '0.12.0',
  });
  expect(describeReason(catalogue, becauseOf('vera-one-shape-llama'), 'vera-one-shape-llama').whole).toBe(undefined);
});

test('a range that ends with the last release that was looked at promises nothing of later ones', () => {
  const reason = describeReason(catalogue, becauseOf('linear-layers-only'), 'linear-layers-only');
  expect(catalogue.rules.find(({ id }) => id === 'linear-layers-only')?.versions).toEqual({ peft: '<0.22' });
  expect(reason).not.toHaveProperty('since');
});

test('a refusal is as its config says, and one without says nothing', () => {
  expect(describeReason(catalogue, becauseOf('vera-one-shape'), 'vera-one-shape')).toMatchObject({
    whole: true,
    since: '0.12.0',
  });
  expect(describeReason(catalogue, 'x', 'target-module-not-supported')).not.toHaveProperty('whole');
  expect(describeReason(catalogue, 'x', undefined)).toEqual({ because: 'x' });
});
