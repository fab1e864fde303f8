import { Readable } from 'node:stream';
import * as z from 'zod';
import { splitLines } from '../split-lines.ts';
import { answerLimitMs, withinLimit, type Engine } from './engine.ts';

/** What the engine tells of a container's end. */
export interface ContainerWatch extends Disposable {
  /** How its main process ended, in words. Never settles when the engine goes away before it can tell. */
  readonly ended: Promise<string>;
  /** Settles when nothing is left of it. */
  readonly removed: Promise<void>;
}

const eventSchema = z.object({
  Action: z.string(),
  Actor: z.object({ Attributes: z.object({ exitCode: z.string() }).partial() }),
});

const longestEvent = 1_000_000;

/**
 * Listens to what happens to a container from before its start. Its own record is no use: `AutoRemove` removes it in the
 * moment of its end, and `OOMKilled` with it.
 */
export const watchContainer = async (engine: Engine, containerId: string): Promise<ContainerWatch> => {
  const filters = { container: [containerId], event: ['oom', 'die', 'destroy'] };
  const listening = new AbortController();
  const answer = await withinLimit('listening to its events', answerLimitMs, (limit) =>
    engine.getEvents({
      filters: JSON.stringify(filters),
      abortSignal: AbortSignal.any([limit, listening.signal]),
    }),
  );
  const stream = new Readable().wrap(answer);
  const ended = Promise.withResolvers<string>();
  const removed = Promise.withResolvers<void>();
  let outOfMemory = false;
  const onLine = (line: string): void => {
    const event = eventSchema.safeParse(JSON.parse(line));
    if (!event.success) return;
    const { Action, Actor } = event.data;
    if (Action === 'oom') outOfMemory = true;
    if (Action === 'die') ended.resolve(describeEnd(Number(Actor.Attributes.exitCode), outOfMemory));
    if (Action === 'destroy') removed.resolve();
  };
  stream.on('error', () => {});
  splitLines(stream, longestEvent, { onLine, onGarbage: () => {}, onEnd: () => {} });
  const stopListening = (): void => {
    stream.destroy();
    // What is destroyed wraps the connection, which would hold the harness.
    listening.abort();
  };
  return { ended: ended.promise, removed: removed.promise, [Symbol.dispose]: stopListening };
};

const sigkill = 137;

const describeEnd = (exitCode: number, outOfMemory: boolean): string => {
  if (exitCode === sigkill && outOfMemory) return "the probe's container ran out of memory";
  if (exitCode === sigkill) return "the probe's container was killed";
  return `the probe ended with exit code ${exitCode}`;
};
