import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CellRequest } from '../cell-request.ts';
import type { OpenPin } from '../executor.ts';
import { someCell } from '../fixtures/some-cell.ts';
import { startProbeProcess } from '../local/probe-process.ts';
import { openProbe } from '../open-probe.ts';
import { LeaseBook, type LeaseSettings } from './leases.ts';
import { withLeases } from './with-leases.ts';

const { signal } = new AbortController();
const opened: OpenPin[] = [];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'with-leases-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const pin of opened.splice(0)) await pin[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** A process that speaks as a probe does, and says that it sees these devices. */
const pinThatSees = async (...uuids: readonly string[]): Promise<OpenPin> => {
  vi.stubEnv('NVIDIA_GPUS', uuids.join(','));
  const python = join(import.meta.dirname, 'fixtures', 'sees_gpus.py');
  const result = await openProbe(
    {
      cold: true,
      hashSeed: 0,
      preloadFile: '',
      start: (mode) => Promise.resolve(startProbeProcess({ python, device: 'cuda', mode })),
    },
    signal,
  );
  if (result.kind !== 'open') throw new Error(JSON.stringify(result));
  opened.push(result.pin);
  return result.pin;
};

const bookWith = (settings: Partial<LeaseSettings> = {}): LeaseBook =>
  new LeaseBook({
    folder,
    host: 'here',
    leastFreeBytes: 1,
    roomWaitMs: 0,
    shared: false,
    freeBytes: () => Promise.resolve(new Map()),
    ...settings,
  });

const host = { driverVersion: '580.1', toolkitVersion: '1.19.1' };

const cell = (ranks: number): CellRequest => ({ ...someCell, ranks, device: 'cuda', batch: ranks });

const gpu = (uuid: string): { readonly uuid: string; readonly name: string } => ({ uuid, name: 'NVIDIA H200' });

test('a cell runs on the devices that it leased, and its provenance names them', async () => {
  const pin = withLeases(await pinThatSees('GPU-a', 'GPU-b'), bookWith(), host);
  await expect(pin.run(cell(2), signal)).resolves.toMatchObject({
    kind: 'observed',
    provenance: { given: [0, 1], gpus: [gpu('GPU-a'), gpu('GPU-b')], ...host },
  });
});

test('the probe is asked in its own numbers, whatever order it sees the devices in', async () => {
  const book = bookWith();
  const leased = await book.lease(['GPU-a'], 1, signal);
  const pin = withLeases(await pinThatSees('GPU-a', 'GPU-b'), book, host);
  await expect(pin.run(cell(1), signal)).resolves.toMatchObject({ provenance: { given: [1], gpus: [gpu('GPU-b')] } });
  if (leased.kind === 'leased') leased.lease[Symbol.dispose]();
  const other = withLeases(await pinThatSees('GPU-b', 'GPU-a'), book, host);
  await expect(other.run(cell(1), signal)).resolves.toMatchObject({ provenance: { given: [0], gpus: [gpu('GPU-b')] } });
});

test('with too few devices all ranks have the same one, and the cell has it alone', async () => {
  const book = bookWith();
  const pin = withLeases(await pinThatSees('GPU-a'), book, host);
  await expect(pin.run(cell(2), signal)).resolves.toMatchObject({
    provenance: { given: [0, 0], gpus: [gpu('GPU-a')] },
  });
});

test('cells that run at the same time have different devices', async () => {
  const pin = withLeases(await pinThatSees('GPU-a', 'GPU-b'), bookWith(), host);
  const results = await Promise.all([cell(1), cell(1), cell(2), cell(1)].map((each) => pin.run(each, signal)));
  const given = results.map((result) => (result.kind === 'observed' ? result.provenance['given'] : result));
  expect(given[2]).toStrictEqual([0, 1]);
  expect(given).toHaveLength(4);
});

test('a cell without memory for it is broken, with the reason, and the probe is not asked', async () => {
  const book = bookWith({ freeBytes: () => Promise.resolve(new Map([['GPU-a', 0]])) });
  const pin = withLeases(await pinThatSees('GPU-a'), book, host);
  await expect(pin.run(cell(1), signal)).resolves.toMatchObject({
    kind: 'broken',
    reason: expect.stringContaining('GPU-a has 0.0 GiB free'),
  });
});

test('a probe that sees no device is not asked', async () => {
  const pin = withLeases(await pinThatSees(), bookWith(), host);
  await expect(pin.run(cell(1), signal)).resolves.toMatchObject({
    kind: 'broken',
    reason: expect.stringContaining('sees no GPU'),
  });
});

test('what a probe calls its devices leads to no file outside the folder', async () => {
  const pin = withLeases(await pinThatSees('../../escaped'), bookWith(), host);
  await expect(pin.run(cell(1), signal)).resolves.toMatchObject({ kind: 'observed' });
  expect(existsSync(join(folder, '../../escaped'))).toBe(false);
  expect(await readdir(folder)).toContain('______escaped');
});

test('a cell that is called off gives its devices back', async () => {
  const book = bookWith();
  const pin = withLeases(await pinThatSees('GPU-a'), book, host);
  await expect(pin.run(cell(1), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  await expect(pin.run(cell(1), signal)).resolves.toMatchObject({ kind: 'observed' });
});
