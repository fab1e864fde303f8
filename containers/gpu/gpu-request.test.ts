import { describe, expect, test } from 'vitest';
import { InputError } from '../../matrices/errors.ts';
import { parseDevices, whyNoGpu } from './devices.ts';
import { chooseDevices, parseGpus } from './gpu-request.ts';

const first = 'GPU-8d1b2c3e-0000-4a5b-9c6d-7e8f90a1b2c3';
const second = 'GPU-8d1b2c3e-0001-4a5b-9c6d-7e8f90a1b2c3';

const devices = parseDevices(
  [
    `${first}, 143771, 143083, 580.65.06, NVIDIA H200`,
    `${second}, [N/A], [N/A], 580.65.06, NVIDIA GB10, with a comma`,
    'No devices were found',
    '',
  ].join('\n'),
);

describe('what nvidia-smi prints', () => {
  test('is read line by line; what it cannot tell is left open', () => {
    expect(devices).toStrictEqual([
      {
        uuid: first,
        name: 'NVIDIA H200',
        memoryBytes: 143_771 * 1024 ** 2,
        freeBytes: 143_083 * 1024 ** 2,
        driverVersion: '580.65.06',
      },
      {
        uuid: second,
        name: 'NVIDIA GB10, with a comma',
        memoryBytes: undefined,
        freeBytes: undefined,
        driverVersion: '580.65.06',
      },
    ]);
  });

  test('is a reason to skip what needs a GPU when there is none', () => {
    expect(whyNoGpu(devices)).toBeUndefined();
    expect(whyNoGpu([])).toContain('nvidia-smi shows none');
  });
});

describe('which GPUs to use', () => {
  test.each([
    ['all', [first, second]],
    ['1', [first]],
    ['2', [first, second]],
    [second, [second]],
    [` ${second.toUpperCase()} , ${first}`, [second, first]],
  ])('%s', (text, uuids) => {
    expect(chooseDevices(parseGpus(text), devices).map(({ uuid }) => uuid)).toStrictEqual(uuids);
  });

  test.each(['', 'none', '0', '-1', '1.5', 'GPU-1', `${first},`, `${first},${first}`, `${first};rm`])(
    'cannot be `%s`',
    (text) => {
      expect(() => parseGpus(text)).toThrow(InputError);
      expect(() => parseGpus(text)).toThrow('Allowed: all, a count from 1');
    },
  );

  test('must be there', () => {
    expect(() => chooseDevices(parseGpus('3'), devices)).toThrow('3 GPUs are asked for, but this machine has 2');
    expect(() => chooseDevices(parseGpus(second), [])).toThrow(InputError);
    expect(() => chooseDevices(parseGpus(second), [])).toThrow('nvidia-smi shows none');
  });
});
