import type { Variables } from '../local/cache-folder.ts';
import { runCommand } from '../local/run-command.ts';

/** One GPU of this host, as the driver's own tool tells. */
export interface GpuDevice {
  /** `GPU-` and five groups of hex digits: the same for every process, container and order of devices. */
  readonly uuid: string;
  readonly name: string;
  /** Undefined where the driver does not tell, as with memory that processor and GPU share. */
  readonly memoryBytes: number | undefined;
  /** Undefined where the driver does not tell. */
  readonly freeBytes: number | undefined;
  readonly driverVersion: string;
}

/** A driver that hangs must not hold anybody for ever, in milliseconds. */
const answerLimitMs = 20_000;

// The name comes last: it alone may have a comma in it.
const fields = ['uuid', 'memory.total', 'memory.free', 'driver_version', 'name'];

/** The GPUs of this host in the order of their slots; none where `nvidia-smi` is missing or does not answer. */
export const findDevices = async (variables: Variables, signal: AbortSignal): Promise<readonly GpuDevice[]> => {
  const query = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
  const { ok, stdout } = await runCommand('nvidia-smi', query, { variables, timeoutMs: answerLimitMs }, signal);
  return ok ? parseDevices(stdout) : [];
};

/** What `nvidia-smi` printed, one device a line. A line that is no device is left out. */
export const parseDevices = (text: string): readonly GpuDevice[] =>
  text.split('\n').flatMap((line) => {
    const [uuid = '', total = '', free = '', driverVersion = '', ...name] = line.split(',').map((cell) => cell.trim());
    if (!uuid.startsWith('GPU-') || name.length === 0) return [];
    return [{ uuid, name: name.join(', '), memoryBytes: bytesOf(total), freeBytes: bytesOf(free), driverVersion }];
  });

/** Why cells with `device: cuda` cannot run on a host with these devices; undefined when they can. */
export const whyNoGpu = (devices: readonly GpuDevice[]): string | undefined =>
  devices.length > 0
    ? undefined
    : 'device: cuda needs an NVIDIA GPU, and nvidia-smi shows none on this machine (`peft-matrix doctor` says more)';

/** `nvidia-smi` counts in MiB, and says `[N/A]` where there is nothing to count. */
const bytesOf = (mebibytes: string): number | undefined =>
  /^\d+$/.test(mebibytes) ? Number(mebibytes) * 1024 ** 2 : undefined;
