import { readdir } from 'node:fs/promises';
import type { Variables } from '../../containers/local/cache-folder.ts';
import { runCommand } from '../../containers/local/run-command.ts';
import type { Finding } from '../../reports/machine-findings.ts';
import { countOf } from '../../reports/text/count.ts';

/** GPUs, as the driver's own tool and the device files tell. None is needed. */
export const inspectAccelerators = async (
  variables: Variables,
  signal: AbortSignal,
  deviceFolder = '/dev',
): Promise<Finding> => {
  const base = { id: 'devices', title: 'Devices' };
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
  const { ok, stdout, stderr } = await runCommand('nvidia-smi', query, { variables, timeoutMs: 20_000 }, signal);
  const gpus = stdout.split('\n').filter((line) => line.trim() !== '');
  if (ok && gpus.length > 0) return { ...base, status: 'ok', says: ['CPU', ...gpus].join('\n') };
  const names = await readdir(deviceFolder).catch((): string[] => []);
  const files = names.filter((name) => /^nvidia\d+$/.test(name));
  if (files.length === 0) return { ...base, status: 'ok', says: 'CPU, no NVIDIA GPU (none is needed: CPU and gloo)' };
  return {
    ...base,
    status: 'warning',
    says: `CPU; ${countOf(files.length, 'NVIDIA device file')}, but nvidia-smi does not answer: ${stderr.split('\n')[0] ?? ''}`,
    remedy: 'Pins with device: cuda need a working driver; install nvidia-smi with it, or use device: cpu.',
  };
};
