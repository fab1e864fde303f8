import { describe, expect, test } from 'vitest';
import type { Frame } from '../containers/observation.ts';
import { libraryFrames } from './library-frames.ts';

/** `file:function` texts, outermost first. */
const frames = (...places: readonly string[]): readonly Frame[] =>
  places.map((place, line) => {
    const [file = '', name = ''] = place.split(':');
    return { file, function: name, line };
  });

const call = ['torch/nn/modules/module.py:_wrapped_call_impl', 'torch/nn/modules/module.py:_call_impl'];

describe('library frames', () => {
  test('are innermost first, at most three, without the probe and the standard library', () => {
    const found = libraryFrames(
      frames(
        '<probe>/training.py:train',
        'peft/a.py:one',
        'contextlib.py:inner',
        'peft/b.py:two',
        'importlib/__init__.py:import_module',
        'python3.11/json/decoder.py:decode',
        '<frozen importlib._bootstrap>:_find_and_load',
        'peft/c.py:three',
        'peft/d.py:four',
        '<string>:helper',
      ),
    );
    expect(found).toEqual(['peft/d.py:four', 'peft/c.py:three', 'peft/b.py:two']);
  });

  test('do not depend on how deep modules are nested, nor on what wraps them', () => {
    const inner = ['peft/tuners/lora/layer.py:forward', ...call, 'peft/tuners/lora/dora.py:forward'];
    const bare = libraryFrames(
      frames(...call, 'transformers/models/llama/modeling_llama.py:forward', ...call, ...inner),
    );
    const wrapped = libraryFrames(
      frames(
        'torch/nn/parallel/distributed.py:forward',
        'torch/nn/parallel/distributed.py:_run_ddp_forward',
        ...call,
        'torch/utils/_contextlib.py:decorate_context',
        'transformers/utils/generic.py:wrapper',
        'transformers/models/gpt2/modeling_gpt2.py:forward',
        'transformers/models/gpt2/modeling_gpt2.py:forward',
        'torch/distributed/fsdp/fully_sharded_data_parallel.py:forward',
        ...inner.slice(0, 3),
        'torch/distributed/fsdp/fully_sharded_data_parallel.py:forward',
        ...inner.slice(3),
      ),
    );
    expect(bare).toEqual(['peft/tuners/lora/dora.py:forward', 'peft/tuners/lora/layer.py:forward']);
    expect(wrapped).toEqual(bare);
  });

  test('keep what a wrapper itself complains about', () => {
    expect(libraryFrames(frames(...call, 'torch/nn/parallel/distributed.py:_pre_forward'))).toEqual([
      'torch/nn/parallel/distributed.py:_pre_forward',
    ]);
  });

  test('keep the model where nothing lies below it', () => {
    expect(libraryFrames(frames('transformers/models/llama/modeling_llama.py:forward', ...call))).toEqual([
      'transformers/models/llama/modeling_llama.py:forward',
    ]);
  });

  test('fall back to plumbing where there is nothing else', () => {
    expect(libraryFrames(frames('<probe>/a.py:f', ...call))).toEqual(call.toReversed());
    expect(libraryFrames([])).toEqual([]);
  });

  test('count a recursion once', () => {
    expect(libraryFrames(frames('a/x.py:start', 'a/x.py:walk', 'a/x.py:walk', 'a/x.py:walk', 'a/y.py:leaf'))).toEqual([
      'a/y.py:leaf',
      'a/x.py:walk',
      'a/x.py:start',
    ]);
  });
});
