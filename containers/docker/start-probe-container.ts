import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningProbe } from '../open-probe.ts';
import { ProbeConnection } from '../probe-connection.ts';
import { attach, closed } from './attach.ts';
import { answerLimitMs, withinLimit, type Engine } from './engine.ts';
import { ProbeContainer, type ProbeContainerOptions } from './probe-container.ts';
import { watchContainer, type ContainerWatch } from './watch-container.ts';

/** How long a probe has to leave once its stdin is closed, in milliseconds. */
const leavingMs = 5_000;

/** How long the last words of a container that ended at once may take to arrive, in milliseconds. */
const lastWordsMs = 2_000;

/**
 * Starts a probe in a container. The connection is there at once; that the container could not be created or started is
 * told through it, like everything else that ends a probe.
 */
export const startProbeContainer = (
  engine: Engine,
  options: Omit<ProbeContainerOptions, 'onCreated' | 'ready'>,
): RunningProbe => {
  const ends = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  const connection = new ProbeConnection(ends);
  const held: Held = {};
  const onCreated = async (containerId: string): Promise<void> => {
    held.containerId = containerId;
    held.watch = await watchContainer(engine, containerId);
    void held.watch.ended.then((reason) => connection.fail(reason));
    held.socket = await attach(engine.getContainer(containerId), ends);
  };
  const container = new ProbeContainer({ ...options, onCreated, ready: () => greeted(connection) });
  const started = startTelling(container, connection, held);
  return {
    connection,
    async [Symbol.asyncDispose]() {
      connection.close();
      // Disposers do not throw: what cannot be removed now is swept at the next start.
      await end(engine, held, started).catch(() => {});
      held.watch?.[Symbol.dispose]();
      held.socket?.destroy();
    },
  };
};

const startTelling = async (container: ProbeContainer, connection: ProbeConnection, held: Held): Promise<void> => {
  try {
    await container.start();
  } catch (error) {
    // A probe that cannot import leaves before the engine is asked for it: its own words are on their way.
    if (held.socket !== undefined) await within(lastWordsMs, closed(held.socket));
    connection.fail(`the container could not be started: ${error instanceof Error ? error.message : String(error)}`);
  }
};

/** What is held of a container that is being started. */
interface Held {
  containerId?: string;
  watch?: ContainerWatch;
  socket?: Socket;
}

const greeted = async (connection: ProbeConnection): Promise<void> => {
  const greeting = await connection.greeting;
  if (greeting.kind !== 'hello') throw new Error('no handshake');
};

/** Asked to go, it goes; else it is killed; else removed by force. */
const end = async (engine: Engine, held: Held, started: Promise<void>): Promise<void> => {
  const { containerId, watch } = held;
  if (containerId === undefined) {
    // Still being created, or never: its id comes with its creation, if it comes.
    await withinLimit('creating a container', answerLimitMs, () => started);
    if (held.containerId !== undefined) await end(engine, held, started);
    return;
  }
  const container = engine.getContainer(containerId);
  if (await within(leavingMs, watch?.removed)) return;
  await withinLimit('killing a container', answerLimitMs, (abortSignal) => container.kill({ abortSignal })).catch(
    () => {},
  );
  if (await within(leavingMs, watch?.removed)) return;
  await withinLimit('removing a container', answerLimitMs, (abortSignal) =>
    container.remove({ force: true, v: true, abortSignal }),
  );
};

/** Whether something happens in time. */
const within = async (limitMs: number, event: Promise<void> | undefined): Promise<boolean> => {
  if (event === undefined) return false;
  const over = new AbortController();
  const late = sleep(limitMs, false, { signal: over.signal }).catch(() => false);
  try {
    return await Promise.race([event.then(() => true), late]);
  } finally {
    over.abort();
  }
};
