import { availableParallelism } from 'node:os';
import type { Executor } from '../executor.ts';
import type { Greeting, ProbeConnection } from '../probe-connection.ts';
import { prepareEnvironment } from './prepare-environment.ts';
import { startProbeProcess } from './probe-process.ts';

/** Importing torch, transformers and PEFT, and settling what to preload, on a cold disk; beyond it nothing will come. */
const greetingDeadlineMs = 300_000;

/** Runs cells in local environments: the default. CPU and gloo need no GPU. */
export const localExecutor = (): Executor => ({
  kind: 'local',
  // Two ranks a cell: on two cores, two cells at once keep both busy while ranks wait for each other (measured).
  parallel: Math.max(2, Math.floor(availableParallelism() / 2)),
  open: async (pin, options, signal) => {
    await using stack = new AsyncDisposableStack();
    const environment = await prepareEnvironment(pin, options, signal);
    if (environment.kind === 'broken') return environment;
    stack.use(environment);
    options.onStep('importing');
    const { python, preloadFile } = environment;
    const probe = stack.use(startProbeProcess({ python, preloadFile, device: pin.device, cold: options.cold }));
    const greeting = await greet(probe.connection, signal);
    if (greeting.kind !== 'hello') return greeting;
    const owned = stack.move();
    return {
      kind: 'open',
      pin: {
        hello: greeting.hello,
        run: (cell, cellSignal) => probe.connection.run(cell, cellSignal),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      },
    };
  },
});

const greet = async (connection: ProbeConnection, signal: AbortSignal): Promise<Greeting> => {
  const giveUp = AbortSignal.any([signal, AbortSignal.timeout(greetingDeadlineMs)]);
  const onGiveUp = (): void =>
    connection.fail(signal.aborted ? 'interrupted' : `no greeting within ${greetingDeadlineMs / 1000} s`);
  giveUp.addEventListener('abort', onGiveUp, { once: true });
  const greeting = await connection.greeting;
  giveUp.removeEventListener('abort', onGiveUp);
  signal.throwIfAborted();
  return greeting;
};
