import { setTimeout as sleep } from 'node:timers/promises';
import type { Telling } from '../telling.ts';
import { answerLimitMs, connectEngine, engineAway, withinLimit, type Engine } from './engine.ts';
import { sweepContainers } from './sweep-containers.ts';

const lookEveryMs = 1_000;

/** The engine of a campaign: swept of what dead processes left before it is first used, and waited for when it is away. */
export class EngineWatch {
  readonly #awayLimitMs: number;
  #connecting: Promise<Engine> | undefined;
  /** When it was first found away, in milliseconds of `performance.now()`; until it is back. */
  #awaySince: number | undefined;

  /** Waits for an engine that is away, all cells together, at most so many milliseconds. */
  constructor(awayLimitMs: number) {
    this.#awayLimitMs = awayLimitMs;
  }

  /**
   * The engine, which has just answered.
   *
   * @throws InfrastructureError when it does not answer, and has not for as long as we wait.
   */
  async engine(telling: Telling, signal: AbortSignal): Promise<Engine> {
    this.#connecting ??= connect(telling);
    // One that was away at first is asked again.
    this.#connecting.catch(() => (this.#connecting = undefined));
    const engine = await this.#connecting;
    for (;;) {
      signal.throwIfAborted();
      const trouble = await troubleOf(engine);
      if (trouble === undefined) break;
      this.#awaySince ??= performance.now();
      if (performance.now() - this.#awaySince > this.#awayLimitMs) throw engineAway(trouble);
      telling.onStep('waiting for the container engine');
      await sleep(lookEveryMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
    this.#awaySince = undefined;
    return engine;
  }
}

const connect = async (telling: Telling): Promise<Engine> => {
  const engine = await connectEngine();
  await sweepContainers(engine, telling.onWarning);
  return engine;
};

const troubleOf = async (engine: Engine): Promise<unknown> => {
  try {
    await withinLimit('answering', answerLimitMs, () => engine.ping());
    return undefined;
  } catch (error) {
    return error;
  }
};
