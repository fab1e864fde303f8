import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import PQueue from 'p-queue';
import { lockFile, tryLockFile } from '../local/environment-lock.ts';

/** Free memory of devices in bytes, by UUID. A device that is missing is one that nobody can tell it of. */
export type FreeBytes = ReadonlyMap<string, number>;

export interface LeaseSettings {
  /** Folder of lock files, the same for every process of this host. */
  readonly folder: string;
  /**
   * What tells the processes of one host from those of another that shares the folder: across hosts nobody has to wait
   * for a turn.
   */
  readonly host: string;
  /** Memory that each device must have free before a cell starts, in bytes. */
  readonly leastFreeBytes: number;
  /** How long cells wait for that memory, all together: from when it first fell short, in milliseconds. */
  readonly roomWaitMs: number;
  /** Cells of ours and of other processes may use one device at the same time, if all of them are told so. */
  readonly shared: boolean;
  /** Asks how much memory is free now. */
  readonly freeBytes: (signal: AbortSignal) => Promise<FreeBytes>;
}

/** Devices that are ours alone until they are given back, or the process ends. */
export interface Lease extends Disposable {
  readonly uuids: readonly string[];
}

export type LeaseResult =
  | { readonly kind: 'leased'; readonly lease: Lease }
  /** Nobody else has leased them, but their memory stays taken: in words for people. */
  | { readonly kind: 'no-room'; readonly reason: string };

/**
 * Leases devices between the cells of all processes of this host: a gang all or nothing, without deadlock, in a fair
 * order.
 *
 * One file a device says whose it is; a lock on it is gone with its process, also by `kill -9`. Only who has the turn
 * collects devices, and the turn is a lock of the same kind: so nobody who waits for a device holds one that another
 * collector waits for, and a gang that wants two is not passed for ever by those that want one. Inside a process the turn
 * goes round in the order of asking.
 */
export class LeaseBook {
  readonly #settings: LeaseSettings;
  readonly #queue = new PQueue({ concurrency: 1 });
  /** Settles when a cell of this process gives something back. */
  #returned = Promise.withResolvers<void>();
  /** By number of devices: since when memory alone has kept a cell from starting, on the clock of `performance`. */
  readonly #shortSince = new Map<number, number>();

  constructor(settings: LeaseSettings) {
    this.#settings = settings;
  }

  /**
   * Waits until `count` of these devices are free, and have memory free.
   *
   * @throws the signal's reason when it aborts; InfrastructureError when the lock files cannot be made.
   */
  async lease(uuids: readonly string[], count: number, signal: AbortSignal): Promise<LeaseResult> {
    if (count < 1 || count > uuids.length) throw new RangeError(`${count} of ${uuids.length} devices`);
    return this.#queue.add(
      async () => {
        using _turn = await lockFile(this.#turnFile, 'exclusive', () => {}, signal);
        return this.#collect(uuids, count, signal);
      },
      { signal },
    );
  }

  get #turnFile(): string {
    return join(this.#settings.folder, `turn-${this.#settings.host}`);
  }

  async #collect(uuids: readonly string[], count: number, signal: AbortSignal): Promise<LeaseResult> {
    using held = new HeldDevices();
    for (let rounds = 1; ; rounds += 1) {
      const { promise: returned } = this.#returned;
      const taken = this.#lockFree(uuids, held);
      const cramped = await this.#giveUpCramped(held, signal);
      held.keep(count);
      if (held.size === count) {
        this.#shortSince.delete(count);
        return { kind: 'leased', lease: this.#leaseOf(held.move()) };
      }
      // Somebody else's devices will come back; memory that no cell of ours takes may not.
      const waitsForMemory = held.size + taken < count;
      if (waitsForMemory && this.#hasWaitedLongEnough(count)) return noRoom(cramped, this.#settings);
      if (!waitsForMemory) this.#shortSince.delete(count);
      // Other processes do not tell when they give something back.
      await settledWithin(returned, Math.min(50 * rounds, 500), signal);
    }
  }

  /** Locks what it can; gives the number of devices that others have. */
  #lockFree(uuids: readonly string[], held: HeldDevices): number {
    const { folder, shared } = this.#settings;
    const wanted = uuids.filter((uuid) => !held.has(uuid));
    let taken = 0;
    for (const uuid of wanted) {
      const lock = tryLockFile(join(folder, uuid), shared ? 'shared' : 'exclusive');
      if (lock === undefined) taken += 1;
      else held.add(uuid, lock);
    }
    return taken;
  }

  /** Gives back at once what has too little memory free; tells how much each of those has. */
  async #giveUpCramped(held: HeldDevices, signal: AbortSignal): Promise<FreeBytes> {
    const { freeBytes, leastFreeBytes } = this.#settings;
    if (held.size === 0) return new Map();
    const free = await freeBytes(signal);
    const cramped = new Map([...free].filter(([uuid, bytes]) => held.has(uuid) && bytes < leastFreeBytes));
    for (const uuid of cramped.keys()) held.release(uuid);
    return cramped;
  }

  #hasWaitedLongEnough(count: number): boolean {
    const now = performance.now();
    const since = this.#shortSince.get(count) ?? now;
    this.#shortSince.set(count, since);
    return now - since >= this.#settings.roomWaitMs;
  }

  #leaseOf(held: HeldDevices): Lease {
    return {
      uuids: held.uuids,
      [Symbol.dispose]: () => {
        held[Symbol.dispose]();
        this.#returned.resolve();
        this.#returned = Promise.withResolvers();
      },
    };
  }
}

/** Locks of devices, each given back once. */
class HeldDevices implements Disposable {
  #locks: Map<string, Disposable>;

  constructor(locks: ReadonlyMap<string, Disposable> = new Map()) {
    this.#locks = new Map(locks);
  }

  get uuids(): readonly string[] {
    return [...this.#locks.keys()];
  }

  get size(): number {
    return this.#locks.size;
  }

  has(uuid: string): boolean {
    return this.#locks.has(uuid);
  }

  add(uuid: string, lock: Disposable): void {
    this.#locks.set(uuid, lock);
  }

  release(uuid: string): void {
    this.#locks.get(uuid)?.[Symbol.dispose]();
    this.#locks.delete(uuid);
  }

  /** Gives back all but the first ones. */
  keep(count: number): void {
    for (const uuid of this.uuids.slice(count)) this.release(uuid);
  }

  /** Hands its locks over to another owner. */
  move(): HeldDevices {
    const moved = new HeldDevices(this.#locks);
    this.#locks = new Map();
    return moved;
  }

  [Symbol.dispose](): void {
    for (const uuid of this.uuids) this.release(uuid);
  }
}

/** Waits for a promise, or that long. Throws the signal's reason when it aborts. */
const settledWithin = async (promise: Promise<void>, longestMs: number, signal: AbortSignal): Promise<void> => {
  const done = new AbortController();
  const timer = sleep(longestMs, undefined, { signal: AbortSignal.any([signal, done.signal]) });
  try {
    await Promise.race([promise, timer]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    done.abort();
  }
};

const noRoom = (cramped: FreeBytes, { leastFreeBytes, roomWaitMs }: LeaseSettings): LeaseResult => {
  const each = [...cramped].map(([uuid, bytes]) => `${uuid} has ${gib(bytes)} free`);
  return {
    kind: 'no-room',
    reason:
      `no GPU memory within ${roomWaitMs / 1000} s: a cell needs ${gib(leastFreeBytes)} free on each of its devices, ` +
      `but ${each.join(', ')}. End what else uses them, or choose other devices.`,
  };
};

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
