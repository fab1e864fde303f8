import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { withinLimit } from './engine.ts';

test('a call that is not answered in time fails with what it was, and its signal aborts', async () => {
  let given: AbortSignal | undefined;
  const asked = withinLimit('creating a container', 5, (signal) => {
    given = signal;
    return new Promise(() => {});
  });
  await expect(asked).rejects.toThrow('The container engine gave no answer within 0.005 s: creating a container');
  expect(given?.aborted).toBe(true);
});

test('what was answered in time outlives the limit: a stream of events goes on', async () => {
  const signal = await withinLimit('listening to its events', 20, (given) => Promise.resolve(given));
  await sleep(60);
  expect(signal.aborted).toBe(false);
});
