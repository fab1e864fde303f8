import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findDevices } from './devices.ts';
import { hostLeases } from './host-leases.ts';

const { signal } = new AbortController();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-leases-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A machine whose `nvidia-smi` prints these lines, and ends with that status. */
const machine = async (lines: string, status = 0): Promise<Readonly<Record<string, string>>> => {
  const tool = join(folder, 'nvidia-smi');
  await writeFile(tool, `#!/bin/sh\ncat <<'END'\n${lines}\nEND\nexit ${status}\n`);
  await chmod(tool, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin`, XDG_CACHE_HOME: join(folder, 'cache') };
};

test('the book of a host goes by what nvidia-smi says is free', async () => {
  const variables = await machine('GPU-a, 80000, 900, 580.1, A GPU\nGPU-b, 80000, 70000, 580.1, A GPU');
  const book = await hostLeases(variables, { roomWaitMs: 0 });
  await expect(book.lease(['GPU-a', 'GPU-b'], 1, signal)).resolves.toMatchObject({
    kind: 'leased',
    lease: { uuids: ['GPU-b'] },
  });
  await expect(book.lease(['GPU-a'], 1, signal)).resolves.toMatchObject({
    kind: 'no-room',
    reason: expect.stringContaining('needs 2.0 GiB free on each of its devices, but GPU-a has 0.9 GiB free'),
  });
});

test('two books of a host are one', async () => {
  const variables = await machine('GPU-a, [N/A], [N/A], 580.1, A GPU');
  const first = await (await hostLeases(variables)).lease(['GPU-a'], 1, signal);
  expect(first.kind).toBe('leased');
  const other = await hostLeases(variables);
  await expect(other.lease(['GPU-a'], 1, AbortSignal.timeout(300))).rejects.toThrow('timeout');
  if (first.kind === 'leased') first.lease[Symbol.dispose]();
  await expect(other.lease(['GPU-a'], 1, signal)).resolves.toMatchObject({ kind: 'leased' });
  expect(await readdir(join(folder, 'cache/peft-matrix/gpus'))).toContain('GPU-a');
});

test('a machine without a driver that answers has no devices', async () => {
  await expect(findDevices({ PATH: folder }, signal)).resolves.toStrictEqual([]);
  await expect(findDevices(await machine('GPU-a, 1, 1, 580.1, A GPU', 9), signal)).resolves.toStrictEqual([]);
});
