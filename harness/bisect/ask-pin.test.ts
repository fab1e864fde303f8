import { expect, test } from 'vitest';
import type { Signature } from '../../properties/verdict.ts';
import { helloOf } from '../fixtures/made-up-pins.ts';
import { questionOf } from './ask-pin.ts';

const signature: Signature = {
  property: 'runs',
  phase: 'train',
  exception: 'IndexError',
  message: 'tuple index out of range',
  frames: ['peft/tuners/lora/dora.py:forward'],
};

const pin = { id: 'peft-0.20.0', device: 'cpu', source: { kind: 'interpreter', path: 'python' } } as const;

const shown = (other: Partial<Signature>, maskedAsGood: boolean): boolean =>
  questionOf({}, signature, { maskedAsGood }).isShownBy({
    ready: { pin, hello: helloOf(pin.id) },
    config: {},
    signature: { ...signature, ...other },
    signatureId: '',
    detail: '',
  });

test('a release may have moved the function that fails', () => {
  expect(shown({ frames: ['peft/tuners/lora/dora.py:get_lora_weight'] }, false)).toBe(true);
  expect(shown({ message: 'list index out of range' }, false)).toBe(false);
});

test('but what changed what fails may have done just that', () => {
  expect(shown({}, true)).toBe(true);
  expect(shown({ frames: ['peft/tuners/lora/dora.py:get_lora_weight'] }, true)).toBe(false);
});
