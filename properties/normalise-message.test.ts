import { fc } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { normaliseMessage } from './normalise-message.ts';

/** What torch says when `layers` layers do not fit. */
const mismatch = (layers: number): string =>
  [
    'Error(s) in loading state_dict for PeftModel:',
    ...Array.from(
      { length: layers },
      (_, layer) =>
        `\tsize mismatch for base_model.model.model.layers.${layer}.mlp.up_proj.lora_A.default.weight: copying a param with shape torch.Size([4, ${layer + 2}]) from checkpoint.`,
    ),
  ].join('\n');

describe('a normalised message', () => {
  test.each([
    ['tuple index out of range', 'tuple index out of range'],
    [
      'Must flatten tensors with uniform `requires_grad` when `use_orig_params=False`',
      'Must flatten tensors with uniform `requires_grad` when `use_orig_params=False`',
    ],
    [
      'Must flatten tensors with uniform dtype but got torch.float32 and torch.bfloat16',
      'Must flatten tensors with uniform dtype but got torch.bfloat16 and torch.float32',
    ],
    [
      'expected m1 and m2 to have the same dtype, but got: c10::BFloat16 != float',
      'expected m1 and m2 to have the same dtype, but got: c10::BFloat16 != float',
    ],
    [
      'The size of tensor a (48) must match the size of tensor b (16) at non-singleton dimension 1',
      'The size of tensor a (#) must match the size of tensor b (#) at non-singleton dimension #',
    ],
    ["shape '[8, 2, 3, 3]' is invalid for input of size 288", "shape '[#]' is invalid for input of size #"],
    [
      'mat1 and mat2 shapes cannot be multiplied (5x16 and 48x4)',
      'mat1 and mat2 shapes cannot be multiplied (# and #)',
    ],
    [
      '[/__w/pytorch/third_party/gloo/gloo/transport/tcp/pair.cc:553] Connection closed by peer [127.0.0.1]:9895. This',
      '[pair.cc:#] Connection closed by peer [<address>. This',
    ],
    ["'_fsdp_wrapped_module.base_model.model.lm_head.weight'", "'*.weight'"],
    [
      "FSDP assumes base_model.model.model.embed_tokens.weight is in the state_dict but the state_dict only has odict_keys(['base_model.model.model.layers.0.mlp.up_proj.weight', 'x']). prefix=base_model.model.h.0., module_name=ln_1., param_name=weight rank=0.",
      'FSDP assumes *.weight is in the state_dict but the state_dict only has odict_keys([…]). prefix=…, module_name=…, param_name=… rank=#.',
    ],
    [
      'no gradient for base_model.model.model.layers.11._fsdp_wrapped_module.self_attn.q_proj.lora_A.default.weight',
      'no gradient for *.lora_A',
    ],
    ['<Linear object at 0x7f3a5c0de0> on cuda:1', '<Linear object at 0x#> on cuda:#'],
    ['Timeout(1800000ms) after 1800.5s on rank 1 of [rank1]', 'Timeout(#ms) after #s on rank # of [rank #]'],
    [
      "No such file: '/tmp/tmpa1b2c3d4/checkpoint/adapter_model.safetensors' in /var/tmp/run-77",
      "No such file: 'adapter_model.safetensors' in <path>",
    ],
    [
      "cannot import name 'EmbeddingParallel' from 'transformers.integrations.tensor_parallel' (/env/lib/python3.11/site-packages/transformers/integrations/tensor_parallel.py)",
      "cannot import name 'EmbeddingParallel' from 'transformers.integrations.tensor_parallel' (tensor_parallel.py)",
    ],
    ["'weight' must be 2-D", "'weight' must be 2-D"],
    [
      'CUDA error: bad\nException raised from throw_it at /pytorch/c10/x.cpp:99 (most recent call first):\nframe #0: c10::Error',
      'CUDA error: bad',
    ],
  ])('of %j', (message, expected) => {
    expect(normaliseMessage(message)).toBe(expected);
  });

  test('does not grow with the number of layers that are named', () => {
    expect(normaliseMessage(mismatch(2))).toBe(normaliseMessage(mismatch(12)));
    expect(normaliseMessage(mismatch(2))).toBe(
      'Error(s) in loading state_dict for PeftModel: size mismatch for *.lora_A: copying a param with shape torch.Size([#]) from checkpoint.',
    );
  });

  const pieces = fc.array(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        ' ',
        '\n',
        '.',
        '/',
        '0x',
        '#',
        '[1, 2]',
        'layers.3.',
        'rank',
        'float32',
        '-D',
        '127.0.0.1',
        ' and ',
        'torch.half',
        'torch.bfloat16',
        '/tmp/a.b',
        '5ms',
        'deadbee1',
        '1e-3',
        '_orig_mod.',
        'default',
        '"',
        '(3, ',
      ),
    ),
    { maxLength: 60 },
  );

  test('is short, in one line, and its own normal form', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const message = normaliseMessage(parts.join(''));
        expect(normaliseMessage(message)).toBe(message);
        expect(message.length).toBeLessThanOrEqual(300);
        expect(message).not.toMatch(/\n/);
      }),
      { seed: 42, numRuns: 500 },
    );
  });

  test('does not depend on addresses, ports, sizes, layers, ranks, temporary folders and durations', () => {
    const facts = fc.record({
      address: fc.integer({ min: 2 ** 20, max: 2 ** 46 }).map((value) => value.toString(16)),
      port: fc.integer({ min: 1, max: 65_535 }),
      shape: fc.array(fc.integer({ min: 0, max: 9_999 }), { minLength: 1, maxLength: 4 }),
      layer: fc.nat(99),
      rank: fc.nat(7),
      folder: fc.stringMatching(/^tmp[a-z0-9_]{8}$/),
      milliseconds: fc.nat(3_600_000),
    });
    const write = (fact: typeof facts extends fc.Arbitrary<infer Fact> ? Fact : never): string =>
      `rank ${fact.rank}: <A at 0x${fact.address}> of shape [${fact.shape.join(', ')}] in model.layers.${fact.layer}.mlp ` +
      `at 10.0.0.${fact.rank}:${fact.port} wrote /tmp/${fact.folder} in ${fact.milliseconds}ms`;
    fc.assert(
      fc.property(facts, facts, (left, right) => {
        expect(normaliseMessage(write(left))).toBe(normaliseMessage(write(right)));
      }),
      { seed: 42 },
    );
  });

  test('keeps what tells causes apart', () => {
    const messages = [
      'uniform dtype but got torch.bfloat16 and torch.float32',
      'uniform dtype but got torch.float16 and torch.float32',
      'uniform `requires_grad` when `use_orig_params=False`',
      "KeyError: 'modules_to_save.default.weight'",
      "KeyError: 'token_adapter.trainable_tokens_delta.default'",
      "'NoneType' object has no attribute 'dtype'",
      "'ParameterDict' object has no attribute 'other'",
    ];
    expect(new Set(messages.map(normaliseMessage)).size).toBe(messages.length);
  });
});
