import { describe, expect, test } from 'vitest';
import type { Stop } from '../containers/observation.ts';
import { judge, readCell, withFacts } from './fixtures/cells.ts';
import { runs } from './runs.ts';

const lora = readCell('lora-fp32-none');
const stopped = (stop: Partial<Stop>): ReturnType<typeof judge> =>
  judge(runs, withFacts(lora, { stop: { kind: 'exception', phase: 'train', rank: 1, ...stop } }));

describe('runs', () => {
  test('holds when nothing stopped the cell', () => {
    expect(judge(runs, lora)).toEqual({ kind: 'holds' });
  });

  test('tells where DoRA reads a flattened weight', () => {
    expect(judge(runs, readCell('dora-fp32-fsdp1-peft'))).toEqual({
      kind: 'violated',
      phase: 'train',
      exception: 'IndexError',
      message: 'tuple index out of range',
      frames: [
        'peft/tuners/lora/dora.py:get_lora_weight',
        'peft/tuners/lora/dora.py:forward',
        'peft/tuners/lora/variants.py:forward',
      ],
      detail: 'rank 0, phase train: tuple index out of range',
    });
  });

  test('tells where FSDP1 refuses to flatten', () => {
    expect(judge(runs, readCell('lora-fp32-fsdp1-flat'))).toMatchObject({
      phase: 'wrap',
      exception: 'ValueError',
      frames: [
        'torch/distributed/fsdp/_flat_param.py:_validate_tensors_to_flatten',
        'torch/distributed/fsdp/_flat_param.py:_init_flat_param_and_metadata',
        'torch/distributed/fsdp/_flat_param.py:__init__',
      ],
    });
  });

  test.each<readonly [string, Partial<Stop>, string]>([
    ['a deadline', { kind: 'timeout' }, 'Timeout'],
    ['a segmentation fault', { kind: 'crash', signal: 'SIGSEGV' }, 'Crash(SIGSEGV)'],
    ['an early exit', { kind: 'crash', exitCode: 7 }, 'Exit(7)'],
    ['an early exit that looks like success', { kind: 'crash', exitCode: 0 }, 'Exit(0)'],
    ['a lack of memory', { kind: 'out-of-memory' }, 'OutOfMemory'],
    ['an answer that cannot be read', { kind: 'garbage' }, 'Garbage'],
    ['an exception that nobody described', {}, 'Exception'],
  ])('names %s', (_what, stop, exception) => {
    expect(stopped(stop)).toMatchObject({ kind: 'violated', phase: 'train', exception });
  });

  test('says of a deadline where the rank at fault stood, not where its peers waited', () => {
    const stacks = [
      { rank: 0, frames: [{ file: 'torch/distributed/distributed_c10d.py', function: 'all_reduce', line: 3 }] },
      { rank: 1, frames: [{ file: 'peft/tuners/lora/layer.py', function: 'forward', line: 7 }] },
    ];
    expect(stopped({ kind: 'timeout', stacks })).toHaveProperty('frames', ['peft/tuners/lora/layer.py:forward']);
  });

  test('reads where a rank crashed from what the fault handler printed', () => {
    const output = [
      'some warning',
      'Fatal Python error: Segmentation fault',
      '',
      'Current thread 0x00007f12 (most recent call first):',
      '  File "/env/lib/python3.11/site-packages/torch/nn/functional.py", line 2 in linear',
      '  File "/env/lib/python3.11/site-packages/peft/tuners/lora/layer.py", line 9 in forward',
      '  File "/env/lib/python3.11/threading.py", line 9 in run',
      '',
      'Thread 0x00007f13 (most recent call first):',
      '  File "/env/lib/python3.11/site-packages/other/a.py", line 9 in f',
    ].join('\n');
    expect(stopped({ kind: 'crash', signal: 'SIGSEGV', output })).toHaveProperty('frames', [
      'torch/nn/functional.py:linear',
      'peft/tuners/lora/layer.py:forward',
    ]);
  });

  test('shows people the whole message, and the end of the output where there is no message', () => {
    const exception = { type: 'RuntimeError', message: 'size 4 is not 8', frames: [] };
    expect(stopped({ exception, output: 'Traceback ...' })).toHaveProperty(
      'detail',
      'rank 1, phase train: size 4 is not 8',
    );
    expect(stopped({ kind: 'crash', exitCode: 7, output: '\nbye\n' })).toHaveProperty(
      'detail',
      'rank 1, phase train: a rank process left without an answer\nits last output:\nbye',
    );
  });
});
