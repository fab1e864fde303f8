import { InputError } from '../../matrices/errors.ts';
import type { GpuDevice } from './devices.ts';

/** Which GPUs of a host cells may use. */
export type GpuRequest =
  | { readonly kind: 'all' }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'uuids'; readonly uuids: readonly string[] };

const hex = String.raw`[0-9a-f]`;
const uuidPattern = new RegExp(`^GPU-${hex}{8}(-${hex}{4}){3}-${hex}{12}$`, 'i');

const allowed = 'Allowed: all, a count from 1, or UUIDs as `nvidia-smi -L` shows them, separated by commas.';

/**
 * Reads `all`, `2`, or `GPU-1f3c...,GPU-77ab...`.
 *
 * @throws InputError with what is allowed.
 */
export const parseGpus = (text: string): GpuRequest => {
  const words = text.trim();
  if (words === 'all') return { kind: 'all' };
  if (/^[1-9]\d{0,3}$/.test(words)) return { kind: 'count', count: Number(words) };
  const uuids = words.split(',').map((word) => word.trim());
  const wrong = uuids.find((uuid) => !uuidPattern.test(uuid));
  if (wrong !== undefined) throw new InputError(`\`${wrong}\` names no GPU. ${allowed}`);
  const twice = uuids.find((uuid, index) => uuids.indexOf(uuid) !== index);
  if (twice !== undefined) throw new InputError(`${twice} is named twice. ${allowed}`);
  return { kind: 'uuids', uuids };
};

/**
 * The devices that a request means, in the order in which cells see them.
 *
 * @throws InputError when this host has too few, or not that one.
 */
export const chooseDevices = (request: GpuRequest, devices: readonly GpuDevice[]): readonly GpuDevice[] => {
  switch (request.kind) {
    case 'all':
      return devices;
    case 'count':
      if (request.count > devices.length) throw tooFew(request.count, devices);
      return devices.slice(0, request.count);
    case 'uuids':
      return request.uuids.map((uuid) => {
        const device = devices.find((candidate) => candidate.uuid.toLowerCase() === uuid.toLowerCase());
        if (device === undefined) throw new InputError(`This machine has no GPU ${uuid}. ${whatIsThere(devices)}`);
        return device;
      });
  }
};

const tooFew = (count: number, devices: readonly GpuDevice[]): InputError =>
  new InputError(`${count} GPUs are asked for, but this machine has ${devices.length}. ${whatIsThere(devices)}`);

const whatIsThere = (devices: readonly GpuDevice[]): string =>
  devices.length === 0
    ? 'nvidia-smi shows none.'
    : `There are:\n${devices.map(({ uuid, name }) => `  ${uuid}  ${name}`).join('\n')}`;
