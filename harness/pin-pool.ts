import PQueue from 'p-queue';
import type { Executor, OpenPin, OpenResult } from '../containers/executor.ts';
import type { Hello } from '../containers/protocol.ts';
import type { Telling } from '../containers/telling.ts';
import type { ResolvedPin } from '../matrices/pin.ts';
import type { Attempt } from './ledger.ts';

/** Probes kept open at once: each holds some 400 MB while it waits. */
const capacity = 6;

/** Environments that are built and imported at once: an import keeps one core busy. */
const openedAtOnce = 2;

export interface PinPoolOptions {
  readonly executor: Executor;
  /** A slow step of opening a pin began. */
  readonly onStep: (pin: ResolvedPin, step: string) => void;
  readonly onWarning: Telling['onWarning'];
  readonly onOpen: (pin: ResolvedPin, hello: Hello) => void;
  /** Ends what is being opened. */
  readonly signal: AbortSignal;
}

/** Opens pins when they are first needed and keeps the most recently used ones open. */
export class PinPool implements AsyncDisposable {
  readonly #options: PinPoolOptions;
  readonly #opened = new Map<string, Promise<OpenResult>>();
  readonly #users = new Map<string, number>();
  readonly #opening = new PQueue({ concurrency: openedAtOnce });

  constructor(options: PinPoolOptions) {
    this.#options = options;
  }

  get executor(): Executor {
    return this.#options.executor;
  }

  /** Calls `use` with the pin, opened for such an attempt, which stays open at least until it is done. */
  async withPin<T>(pin: ResolvedPin, attempt: Attempt, use: (opened: OpenResult) => Promise<T>): Promise<T> {
    const key = keyOf(pin, attempt);
    this.#users.set(key, (this.#users.get(key) ?? 0) + 1);
    try {
      return await use(await this.#open(key, pin, attempt));
    } finally {
      this.#users.set(key, (this.#users.get(key) ?? 1) - 1);
    }
  }

  /** The next use opens the pin anew: this probe is of no more use. Another one that was opened since stays. */
  async forget(pin: ResolvedPin, attempt: Attempt, opened: OpenResult): Promise<void> {
    const key = keyOf(pin, attempt);
    const current = this.#opened.get(key);
    if ((await current) === opened) this.#opened.delete(key);
    if (opened.kind === 'open') await disposeQuietly(opened.pin);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#opened.keys()].map((key) => this.#close(key)));
  }

  #open(key: string, pin: ResolvedPin, attempt: Attempt): Promise<OpenResult> {
    const known = this.#opened.get(key);
    // Re-inserting makes the map's order the order of last use.
    this.#opened.delete(key);
    const opened = known ?? this.#openNext(pin, attempt);
    this.#opened.set(key, opened);
    return opened;
  }

  #openNext(pin: ResolvedPin, { number, cold }: Attempt): Promise<OpenResult> {
    const { executor, onStep, onWarning, onOpen, signal } = this.#options;
    return this.#opening.add(async () => {
      await this.#closeIdle();
      signal.throwIfAborted();
      const telling = { onStep: (step: string) => onStep(pin, step), onWarning };
      const opened = await executor.open(pin, { cold, hashSeed: number, ...telling }, signal);
      if (opened.kind === 'open' && !cold) onOpen(pin, opened.pin.hello);
      return opened;
    });
  }

  async #closeIdle(): Promise<void> {
    const idle = [...this.#opened.keys()].filter((key) => (this.#users.get(key) ?? 0) === 0);
    const surplus = this.#opened.size - capacity;
    await Promise.all(idle.slice(0, Math.max(0, surplus)).map((key) => this.#close(key)));
  }

  async #close(key: string): Promise<void> {
    const opened = this.#opened.get(key);
    this.#opened.delete(key);
    const result = await opened?.catch(() => undefined);
    if (result?.kind === 'open') await disposeQuietly(result.pin);
  }
}

/** A probe that will not end is not worth losing the campaign's own error for. */
const disposeQuietly = async (pin: OpenPin): Promise<void> => {
  try {
    await pin[Symbol.asyncDispose]();
  } catch {}
};

/** Second runs have a probe of their own: their sets are in another order. */
const keyOf = (pin: ResolvedPin, { number, cold }: Attempt): string => `${pin.id} ${number} ${cold ? 'cold' : 'warm'}`;
