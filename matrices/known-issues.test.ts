import { describe, expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import { concernsCell, matchExpectation } from './expectation.ts';
import type { FailureLike } from './failure-looks.ts';
import { normalise } from './normalise.ts';
import { matchRefusal } from './refusal.ts';

const { axes, expectations, refusals } = await loadCatalogue();

const indexError: FailureLike = {
  property: 'runs',
  phase: 'train',
  exception: 'IndexError',
  message: 'tuple index out of range',
  config: normalise(axes, { adapter: 'dora', sharding: 'fsdp1' }),
  versions: { peft: '0.21.2', torch: '2.13.0', transformers: '5.23.0' },
};
const flat = (adapter: string, wrap: string, peft: string): FailureLike => ({
  ...indexError,
  phase: 'wrap',
  exception: 'ValueError',
  message: 'Must flatten tensors with uniform `requires_grad` when `use_orig_params=False`',
  config: normalise(axes, { adapter, sharding: 'fsdp1', use_orig_params: false, wrap }),
  versions: { peft },
});
const idOf = (failure: FailureLike): string | undefined => matchExpectation(failure, expectations)?.id;

describe('known issues', () => {
  test('name a failure by property, phase, exception, words, config and versions, all of them', () => {
    expect(idOf(indexError)).toBe('dora-fsdp1-original-parameters');
    const others: readonly Partial<FailureLike>[] = [
      { property: 'finite-and-moving' },
      { phase: 'save' },
      { exception: 'KeyError' },
      { message: 'list index out of range' },
      { config: { ...indexError.config, adapter: 'lora' } },
      { config: normalise(axes, { adapter: 'dora', sharding: 'ddp' }) },
      { versions: { peft: '0.11.1' } },
      { versions: {} },
    ];
    expect(others.map((change) => idOf({ ...indexError, ...change }))).toEqual(others.map(() => undefined));
  });

  test('tell causes of one message apart', () => {
    expect([
      idOf(flat('lora', 'none', '0.21.2')),
      idOf(flat('vera', 'peft', '0.21.2')),
      idOf(flat('dora', 'peft', '0.11.1')),
      idOf(flat('dora', 'peft', '0.12.0')),
    ]).toEqual([
      'fsdp1-flat-needs-peft-policy',
      'fsdp1-flat-parameter-adapters',
      'dora-fsdp1-flat-magnitude',
      undefined,
    ]);
  });

  test('are put to the test by the cells that they speak of', () => {
    const [issue] = expectations;
    expect(issue && concernsCell(issue, indexError.config, { peft: '0.21.2' })).toBe(true);
    expect(issue && concernsCell(issue, indexError.config, { peft: '0.11.1' })).toBe(false);
  });
});

test('a refusal of PEFT is recognised by its words and its type', () => {
  const message = 'Target module Conv1D(nf=96, nx=32) is not supported. Currently, only `torch.nn.Linear` ...';
  const found = { ...indexError, phase: 'adapt' } as const;
  expect(matchRefusal({ ...found, exception: 'TypeError', message }, refusals)?.id).toBe('target-module-not-supported');
  expect(matchRefusal({ ...found, exception: 'RuntimeError', message }, refusals)).toBeUndefined();
  expect(matchRefusal(found, refusals)).toBeUndefined();
});

test('what was accepted once is not refused later: a pattern matches the layers of the first adapter, until 0.15', () => {
  const message = 'Target module ModuleDict( (default): Linear(in_features=32, ...) ) is not supported.';
  const raised = { ...indexError, exception: 'ValueError', message };
  expect(matchRefusal({ ...raised, phase: 'second-adapter' }, refusals)).toBeUndefined();
  expect(matchRefusal({ ...raised, phase: 'adapt' }, refusals)).toBeDefined();
});
