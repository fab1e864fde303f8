import type { Device } from '../../matrices/pin.ts';
import type { OpenPin } from '../executor.ts';
import { findDevices, whyNoGpu, type GpuDevice } from './devices.ts';
import { chooseDevices, type GpuRequest } from './gpu-request.ts';
import { hostLeases, type LeaseWishes } from './host-leases.ts';
import { toolkitVersion } from './toolkit.ts';
import { withLeases } from './with-leases.ts';

/** Which GPUs cells may use, and how they are shared out. */
export interface GpuSettings {
  readonly request: GpuRequest;
  readonly leases: LeaseWishes;
}

/** Every GPU of the host, each for one cell at a time. */
export const everyGpu: GpuSettings = { request: { kind: 'all' }, leases: {} };

/** The GPUs of a pin. */
export type GpuAccess =
  | {
      readonly kind: 'granted';
      /** None on a CPU. */
      readonly devices: readonly GpuDevice[];
      /** Lets each cell of the open pin run on devices of its own. */
      readonly lease: (pin: OpenPin) => OpenPin;
    }
  | { readonly kind: 'skipped'; readonly reason: string };

/**
 * What a pin gets of this host's GPUs.
 *
 * @throws InputError when a device is asked for that is not there, on a host that has others.
 */
export const accessGpus = async (
  device: Device,
  { request, leases }: GpuSettings,
  signal: AbortSignal,
): Promise<GpuAccess> => {
  if (device === 'cpu') return { kind: 'granted', devices: [], lease: (pin) => pin };
  const found = await findDevices(process.env, signal);
  const reason = whyNoGpu(found);
  if (reason !== undefined) return { kind: 'skipped', reason };
  const devices = chooseDevices(request, found);
  const book = await hostLeases(process.env, leases);
  const host = {
    driverVersion: devices[0]?.driverVersion,
    toolkitVersion: await toolkitVersion(process.env, signal),
  };
  return { kind: 'granted', devices, lease: (pin) => withLeases(pin, book, host) };
};
