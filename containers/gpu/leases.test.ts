import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fc, test } from '@fast-check/vitest';
import { afterEach, beforeEach, describe, expect, onTestFinished } from 'vitest';
import * as z from 'zod';
import { LeaseBook, type Lease, type LeaseSettings } from './leases.ts';

const { signal } = new AbortController();
const gib = 1024 ** 3;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leases-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bookWith = (settings: Partial<LeaseSettings> = {}): LeaseBook =>
  new LeaseBook({
    folder,
    host: 'here',
    leastFreeBytes: 2 * gib,
    roomWaitMs: 100,
    shared: false,
    freeBytes: () => Promise.resolve(new Map()),
    ...settings,
  });

const leased = async (book: LeaseBook, uuids: readonly string[], count: number): Promise<Lease> => {
  const result = await book.lease(uuids, count, signal);
  if (result.kind !== 'leased') throw new Error(result.reason);
  return result.lease;
};

/** Whether it is still waiting after a while; it may be waiting for two reasons, so a while is long. */
const isWaiting = async (lease: Promise<Lease>): Promise<boolean> =>
  Promise.race([lease.then(() => false), sleep(300, true)]);

describe('a lease', () => {
  test('is of devices that nobody else has, until it is given back', async () => {
    const book = bookWith();
    const first = await leased(book, ['A', 'B'], 1);
    using second = await leased(book, ['A', 'B'], 1);
    expect([first.uuids, second.uuids]).toStrictEqual([['A'], ['B']]);
    const third = leased(book, ['A', 'B'], 1);
    expect(await isWaiting(third)).toBe(true);
    first[Symbol.dispose]();
    using got = await third;
    expect(got.uuids).toStrictEqual(['A']);
  });

  test('of a gang is of all its devices or of none, and is not passed by who asks later for less', async () => {
    const book = bookWith();
    const first = await leased(book, ['A', 'B'], 1);
    const gang = leased(book, ['A', 'B'], 2);
    const later = leased(book, ['A', 'B'], 1);
    expect([await isWaiting(gang), await isWaiting(later)]).toStrictEqual([true, true]);
    first[Symbol.dispose]();
    const both = await gang;
    expect(both.uuids).toStrictEqual(['B', 'A']);
    both[Symbol.dispose]();
    using last = await later;
    expect(last.uuids).toStrictEqual(['A']);
  });

  test('may be shared, but then by all', async () => {
    const book = bookWith({ shared: true });
    const first = await leased(book, ['A'], 1);
    const second = await leased(book, ['A'], 1);
    expect([first.uuids, second.uuids]).toStrictEqual([['A'], ['A']]);
    const alone = leased(bookWith(), ['A'], 1);
    expect(await isWaiting(alone)).toBe(true);
    first[Symbol.dispose]();
    second[Symbol.dispose]();
    using got = await alone;
    expect(got.uuids).toStrictEqual(['A']);
  });

  test('that is called off leaves no device behind and nobody waiting', async () => {
    const book = bookWith();
    const first = await leased(book, ['A', 'B'], 1);
    const stop = new AbortController();
    const gang = book.lease(['A', 'B'], 2, stop.signal);
    const queued = book.lease(['A', 'B'], 1, stop.signal);
    const later = leased(book, ['A', 'B'], 1);
    stop.abort(new Error('enough'));
    await expect(gang).rejects.toThrow('enough');
    await expect(queued).rejects.toThrow('enough');
    using got = await later;
    expect(got.uuids).toStrictEqual(['B']);
    first[Symbol.dispose]();
  });

  test('of more devices than there are is a mistake of ours', async () => {
    await expect(bookWith().lease(['A'], 2, signal)).rejects.toThrow(RangeError);
  });
});

describe('memory', () => {
  test('that is free decides which device is taken', async () => {
    const book = bookWith({
      freeBytes: () =>
        Promise.resolve(
          new Map([
            ['A', gib],
            ['B', 80 * gib],
          ]),
        ),
    });
    using lease = await leased(book, ['A', 'B'], 1);
    expect(lease.uuids).toStrictEqual(['B']);
  });

  test('that stays taken is told with figures, and the next cell need not wait for it again', async () => {
    let asked = 0;
    const freeBytes = (): Promise<ReadonlyMap<string, number>> => {
      asked += 1;
      return Promise.resolve(new Map([['A', gib / 2]]));
    };
    const book = bookWith({ roomWaitMs: 400, freeBytes });
    const began = performance.now();
    const result = await book.lease(['A'], 1, signal);
    expect(performance.now() - began).toBeGreaterThanOrEqual(400);
    expect(result).toStrictEqual({
      kind: 'no-room',
      reason:
        'no GPU memory within 0.4 s: a cell needs 2.0 GiB free on each of its devices, but A has 0.5 GiB free. End what else uses them, or choose other devices.',
    });
    asked = 0;
    await expect(book.lease(['A'], 1, signal)).resolves.toMatchObject({ kind: 'no-room' });
    expect(asked).toBe(1);
  });

  test('that comes free in time is waited for', async () => {
    let asked = 0;
    const freeBytes = (): Promise<ReadonlyMap<string, number>> => {
      asked += 1;
      return Promise.resolve(new Map([['A', asked < 3 ? 0 : 3 * gib]]));
    };
    using lease = await leased(bookWith({ roomWaitMs: 60_000, freeBytes }), ['A'], 1);
    expect([lease.uuids, asked]).toStrictEqual([['A'], 3]);
  });

  test('is no reason to give up while a device with memory is only leased', async () => {
    const book = bookWith({ roomWaitMs: 0, freeBytes: () => Promise.resolve(new Map([['A', 0]])) });
    const first = await leased(book, ['B'], 1);
    const second = leased(book, ['A', 'B'], 1);
    expect(await isWaiting(second)).toBe(true);
    first[Symbol.dispose]();
    using got = await second;
    expect(got.uuids).toStrictEqual(['B']);
  });
});

/** Cells of several books, as several processes have them: on which devices, how many of them, for how long. */
const workload = fc.array(
  fc.record({
    book: fc.nat({ max: 2 }),
    ranks: fc.integer({ min: 1, max: 3 }),
    devices: fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D'), { minLength: 3 }),
    holdMs: fc.nat({ max: 5 }),
  }),
  { minLength: 2, maxLength: 12 },
);

test.prop([workload], { numRuns: 25, interruptAfterTimeLimit: 90_000 })(
  'whatever cells ask for, each gets its devices in the end, in the order of asking, and no device has two',
  async (cells) => {
    const books = [bookWith(), bookWith(), bookWith()];
    const inUse = new Set<string>();
    const began: number[] = [];
    await Promise.all(
      cells.map(async ({ book, ranks, devices, holdMs }, number) => {
        using lease = await leased(books[book] ?? bookWith(), devices, ranks);
        began.push(number);
        expect(lease.uuids).toHaveLength(ranks);
        expect(devices).toEqual(expect.arrayContaining([...lease.uuids]));
        for (const uuid of lease.uuids) {
          expect(inUse).not.toContain(uuid);
          inUse.add(uuid);
        }
        await sleep(holdMs);
        for (const uuid of lease.uuids) inUse.delete(uuid);
      }),
    );
    expect(began).toHaveLength(cells.length);
    for (const book of [0, 1, 2]) {
      const ofBook = began.filter((number) => cells[number]?.book === book);
      expect(ofBook).toStrictEqual(ofBook.toSorted((left, right) => left - right));
    }
  },
);

describe('processes of one host', () => {
  let log: string;
  beforeEach(async () => {
    log = join(folder, 'log');
    await writeFile(log, '');
  });

  const start = (count: number, times: number, holdMs: number, ...uuids: readonly string[]): ChildProcess => {
    const program = join(import.meta.dirname, 'fixtures', 'lease-and-hold.ts');
    const words = [program, folder, log, String(count), String(times), String(holdMs), ...uuids];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };

  const lineSchema = z.object({ begins: z.array(z.string()).default([]), ends: z.array(z.string()).default([]) });

  test('never share a device, and a gang gets its turn among those that want one', async () => {
    const children = [start(1, 8, 20, 'A', 'B'), start(1, 8, 20, 'B', 'A'), start(2, 3, 20, 'A', 'B')];
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(children.map(({ exitCode }) => exitCode)).toStrictEqual([0, 0, 0]);
    const inUse = new Set<string>();
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    const said = lines.map((line) => lineSchema.parse(JSON.parse(line)));
    for (const { begins, ends } of said) {
      for (const uuid of begins) {
        expect(inUse).not.toContain(uuid);
        inUse.add(uuid);
      }
      for (const uuid of ends) inUse.delete(uuid);
    }
    expect(said).toHaveLength(2 * (8 + 8 + 3));
  });

  test('leave their devices to others in the moment when they are killed', async () => {
    const child = start(2, 1, 600_000, 'A', 'B');
    while (readFileSync(log, 'utf8') === '') await sleep(20);
    const waiting = leased(bookWith(), ['A', 'B'], 2);
    expect(await isWaiting(waiting)).toBe(true);
    child.kill('SIGKILL');
    using lease = await waiting;
    expect(lease.uuids).toStrictEqual(['A', 'B']);
  });
});
