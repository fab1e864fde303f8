import type { CellRequest } from '../cell-request.ts';
import type { CellResult, OpenPin } from '../executor.ts';
import type { Hello } from '../protocol.ts';
import type { Lease, LeaseBook } from './leases.ts';

/** What the host says beside the probe; all of it for the provenance of observations. */
export interface GpuHost {
  /** Undefined where the driver does not tell. */
  readonly driverVersion: string | undefined;
  /** Of the NVIDIA container toolkit, where cells run in containers. */
  readonly toolkitVersion: string | undefined;
}

/**
 * Lets each cell of a pin run on devices that nobody else uses meanwhile. A pin on a CPU stays as it is.
 *
 * With fewer devices than ranks all ranks of the cell share one, which is what the probe then says of its backend.
 */
export const withLeases = (pin: OpenPin, book: LeaseBook, host: GpuHost): OpenPin => {
  if (pin.hello.device !== 'cuda') return pin;
  const seen = seenDevices(pin.hello);
  return {
    hello: pin.hello,
    run: async (cell, signal) => {
      const count = cell.ranks <= seen.length ? cell.ranks : 1;
      if (seen.length === 0) return { kind: 'broken', reason: noDeviceSeen };
      const leased = await book.lease(
        seen.map(({ uuid }) => uuid),
        count,
        signal,
      );
      if (leased.kind === 'no-room') return { kind: 'broken', reason: leased.reason };
      using lease = leased.lease;
      const devices = devicesOf(lease, seen);
      const result = await pin.run(cell, signal, indicesOf(devices, cell));
      return withProvenance(result, devices, host);
    },
    [Symbol.asyncDispose]: () => pin[Symbol.asyncDispose](),
  };
};

/** A device as the probe sees it. */
interface SeenDevice {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
}

const noDeviceSeen = 'the probe sees no GPU: torch was built without CUDA, or the driver is too old for it';

/** The probe numbers devices in an order of its own, from among those that it was given: the UUID is what is the same. */
const seenDevices = ({ devices, machine }: Hello): readonly SeenDevice[] =>
  Array.from({ length: devices }, (_, index) => ({
    index,
    uuid: fileName(String(machine[`gpu${index}Uuid`] ?? `unnamed-${index}`)),
    name: String(machine[`gpu${index}`] ?? 'unknown'),
  }));

/** It names a lock file, and comes from a process that runs what is not ours. */
const fileName = (uuid: string): string => uuid.replaceAll(/[^\w-]/g, '_').slice(0, 100);

const devicesOf = ({ uuids }: Lease, seen: readonly SeenDevice[]): readonly SeenDevice[] =>
  seen.filter(({ uuid }) => uuids.includes(uuid));

const indicesOf = (devices: readonly SeenDevice[], { ranks }: CellRequest): readonly number[] => {
  const indices = devices.map(({ index }) => index);
  return indices.length === ranks ? indices : Array.from({ length: ranks }, () => indices[0] ?? 0);
};

const withProvenance = (result: CellResult, devices: readonly SeenDevice[], host: GpuHost): CellResult => {
  if (result.kind !== 'observed') return result;
  const gpus = devices.map(({ uuid, name }) => ({ uuid, name }));
  return { ...result, provenance: { ...result.provenance, gpus, ...host } };
};
