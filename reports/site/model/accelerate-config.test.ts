import * as fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { hostileText } from '../../fixtures/hostile.ts';
import type { Evidence } from '../../verdicts-model.ts';
import { accelerateConfig } from './accelerate-config.ts';

const gloo: Evidence = { device: 'cpu', backend: 'gloo', ranks: 2 };
const nccl: Evidence = { device: 'cuda', backend: 'nccl', ranks: 8 };

test('FSDP1 with its options, as accelerate names them', () => {
  const values = {
    sharding: 'fsdp1',
    precision: 'fp32',
    strategy: 'SHARD_GRAD_OP',
    use_orig_params: false,
    wrap: 'transformer',
  };
  expect(load(accelerateConfig(values, nccl))).toEqual({
    compute_environment: 'LOCAL_MACHINE',
    distributed_type: 'FSDP',
    use_cpu: false,
    num_machines: 1,
    num_processes: 8,
    mixed_precision: 'no',
    fsdp_config: {
      fsdp_version: 1,
      fsdp_sharding_strategy: 'SHARD_GRAD_OP',
      fsdp_use_orig_params: false,
      fsdp_auto_wrap_policy: 'TRANSFORMER_BASED_WRAP',
    },
  });
});

test('FSDP2, DDP and one process', () => {
  expect(
    load(accelerateConfig({ sharding: 'fsdp2', mixed_precision: 'bf16', fully_shard: 'root' }, gloo)),
  ).toMatchObject({
    use_cpu: true,
    mixed_precision: 'bf16',
    fsdp_config: { fsdp_version: 2, fsdp_reshard_after_forward: true, fsdp_auto_wrap_policy: 'NO_WRAP' },
  });
  expect(load(accelerateConfig({ sharding: 'ddp', precision: 'bf16-autocast' }, gloo))).toMatchObject({
    distributed_type: 'MULTI_CPU',
    num_processes: 2,
    mixed_precision: 'bf16',
  });
  expect(load(accelerateConfig({ sharding: 'none' }, nccl))).toMatchObject({
    distributed_type: 'NO',
    num_processes: 1,
  });
});

test('values from elsewhere stay values', () => {
  fc.assert(
    // What is not printable has been put into words before; YAML would refuse it.
    fc.property(hostileText, (text) => {
      const lines = accelerateConfig(
        { sharding: 'fsdp1', strategy: text.replaceAll(/[^\t\n\r\x20-\x7E]/gu, ''), wrap: 'none' },
        gloo,
      );
      expect(Object.keys(load(lines) ?? {})).toEqual([
        'compute_environment',
        'distributed_type',
        'use_cpu',
        'num_machines',
        'num_processes',
        'mixed_precision',
        'fsdp_config',
      ]);
    }),
  );
});
