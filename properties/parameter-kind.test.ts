import { expect, test } from 'vitest';
import { kindsOf, listNames, parameterKind } from './parameter-kind.ts';

test.each([
  ['base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight', 'lora_A'],
  ['base_model.model.transformer.h.11.attn.c_attn.lora_magnitude_vector.default', 'lora_magnitude_vector'],
  ['base_model.model.model.layers.0.self_attn.v_proj.vera_lambda_d.default', 'vera_lambda_d'],
  ['base_model.model.lm_head.modules_to_save.default.weight', 'modules_to_save'],
  ['model.layers.1.input_layernorm.weight', 'base parameters'],
  ['default', 'base parameters'],
])('the kind of %s is %s', (name, kind) => {
  expect(parameterKind(name)).toBe(kind);
});

test('kinds are named once each, in a fixed order', () => {
  expect(kindsOf(['a.0.lora_B.default', 'a.1.lora_A.default', 'a.2.lora_B.default'])).toBe('lora_A, lora_B');
});

test('names are listed up to a limit', () => {
  expect(listNames(['a', 'b', 'c'], 2)).toBe('a, b and 1 more');
  expect(listNames(['a', 'b'], 2)).toBe('a, b');
});
