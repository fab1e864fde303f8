import type { DeviceRequest } from 'dockerode';
import type { Device } from '../../matrices/pin.ts';
import type { GpuRequest } from '../gpu/gpu-request.ts';

/** What `docker run --gpus` asks the engine for; nothing for a pin on a CPU. */
export const deviceRequests = (device: Device, request: GpuRequest): readonly DeviceRequest[] => {
  if (device === 'cpu') return [];
  const gpus = { Driver: 'nvidia', Capabilities: [['gpu']] };
  switch (request.kind) {
    case 'all':
      return [{ ...gpus, Count: -1 }];
    case 'count':
      return [{ ...gpus, Count: request.count }];
    case 'uuids':
      return [{ ...gpus, DeviceIDs: [...request.uuids] }];
  }
};
