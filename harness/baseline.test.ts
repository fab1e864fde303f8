import { expect, test } from 'vitest';
import { nextOlderRelease } from './baseline.ts';
import type { ReadyPin } from './cell.ts';
import { hello, pinNamed } from './fixtures/cells.ts';

const stack = { python: '3.11.7', torch: '2.13.0', transformers: '5.23.0', numpy: '2.4.6' };
const pin = (peft: string, versions: Readonly<Record<string, string>> = {}): ReadyPin => ({
  pin: pinNamed(`peft-${peft}`),
  hello: { ...hello, versions: { ...stack, ...versions, peft } },
});

test('the next older release with the same stack is the baseline', () => {
  const pins = ['0.9.0', '0.21.2', '0.18.1', '0.20.0'].map((peft) => pin(peft));
  const baselines = pins.map((ready) => nextOlderRelease(pins)(ready)?.pin.id);
  expect(baselines).toEqual([undefined, 'peft-0.20.0', 'peft-0.9.0', 'peft-0.18.1']);
});

test('another torch is no baseline: what differs then may not be PEFT’s doing', () => {
  const [newer, older] = [pin('0.21.2'), pin('0.20.0', { torch: '2.12.0' })];
  expect(nextOlderRelease([newer, older])(newer)).toBeUndefined();
});
