import type { Values } from './show-values.ts';
import type { Evidence } from '../../verdicts-model.ts';

/**
 * A combination in the words of an accelerate config file. Only what it decides is there; the rest is accelerate's default.
 * Runs are of plain PyTorch, so this translates what was run: keys as `accelerate config` writes them.
 *
 * @param values - Values of axes, defaults included.
 */
export const accelerateConfig = (values: Values, { device, ranks }: Evidence): string => {
  const sharding = String(values['sharding'] ?? 'none');
  const isCpu = device === 'cpu';
  const lines = [
    'compute_environment: LOCAL_MACHINE',
    `distributed_type: ${distributedType(sharding, isCpu)}`,
    `use_cpu: ${isCpu}`,
    'num_machines: 1',
    `num_processes: ${sharding === 'none' ? 1 : ranks}`,
    `mixed_precision: '${mixedPrecision(values)}'`,
    ...fsdpLines(sharding, values),
  ];
  return `${lines.join('\n')}\n`;
};

const distributedType = (sharding: string, isCpu: boolean): string => {
  if (sharding.startsWith('fsdp')) return 'FSDP';
  if (sharding === 'ddp') return isCpu ? 'MULTI_CPU' : 'MULTI_GPU';
  return "'NO'";
};

const mixedPrecision = ({ precision, mixed_precision: ofFsdp }: Values): string =>
  precision === 'bf16-autocast' || ofFsdp === 'bf16' ? 'bf16' : 'no';

const fsdpLines = (sharding: string, values: Values): readonly string[] => {
  if (sharding === 'fsdp1') {
    return [
      'fsdp_config:',
      '  fsdp_version: 1',
      `  fsdp_sharding_strategy: ${scalar(values['strategy'] ?? 'FULL_SHARD')}`,
      `  fsdp_use_orig_params: ${scalar(values['use_orig_params'] ?? true)}`,
      `  fsdp_auto_wrap_policy: ${wrapPolicies[String(values['wrap'])] ?? 'TRANSFORMER_BASED_WRAP'}`,
      ...(values['wrap'] === 'peft'
        ? [
            "  # The runs wrapped with peft.utils.other.fsdp_auto_wrap_policy; accelerate's",
            '  # own policy is replaced in code, before the model is prepared.',
          ]
        : []),
    ];
  }
  if (sharding === 'fsdp2') {
    return [
      'fsdp_config:',
      '  fsdp_version: 2',
      `  fsdp_reshard_after_forward: ${scalar(values['reshard_after_forward'] ?? true)}`,
      `  fsdp_auto_wrap_policy: ${values['fully_shard'] === 'root' ? 'NO_WRAP' : 'TRANSFORMER_BASED_WRAP'}`,
    ];
  }
  return [];
};

const wrapPolicies: Readonly<Record<string, string>> = {
  peft: 'TRANSFORMER_BASED_WRAP',
  transformer: 'TRANSFORMER_BASED_WRAP',
  none: 'NO_WRAP',
};

/** Data could hold anything: what is no plain word is quoted. */
const scalar = (value: Values[string]): string =>
  /^[\w.-]+$/u.test(String(value)) ? String(value) : JSON.stringify(String(value));
