import { expect, test } from 'vitest';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { normalise } from '../matrices/normalise.ts';
import { helloOf } from './fixtures/made-up-pins.ts';
import { pinNamed } from './fixtures/cells.ts';
import { cellOf } from './laboratory.ts';

test.each([
  ['head', 'llama', ['lm_head'], ['model.norm']],
  ['norm', 'llama', ['model.norm'], null],
  ['none', 'llama', undefined, undefined],
])('beside an adapter with modules_to_save=%s on %s is one with others, or none', async (value, name, own, others) => {
  const catalogue = await loadCatalogue();
  const ready = { pin: pinNamed('peft-0.21.2'), hello: helloOf('peft-0.21.2') };
  const config = normalise(catalogue.axes, { model: name, adapter: 'lora', modules_to_save: value });
  const { request } = cellOf({ catalogue, executor: 'local' }, ready, config, { number: 0, cold: false });
  expect(request.adapter?.arguments['modules_to_save']).toEqual(own);
  expect(request.adapter?.second?.['modules_to_save']).toEqual(others);
});
