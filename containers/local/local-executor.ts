import { availableParallelism } from 'node:os';
import type { Executor } from '../executor.ts';
import type { Greeting, ProbeConnection } from '../probe-connection.ts';
import type { Hello } from '../protocol.ts';
import { prepareEnvironment } from './prepare-environment.ts';
import { startProbeProcess, type ProbeProcess, type ProbeProcessOptions } from './probe-process.ts';

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
    const deadline = AbortSignal.timeout(greetingDeadlineMs);
    const start = (): Promise<Started> =>
      startProbe({ python, preloadFile, device: pin.device, cold: options.cold }, signal, deadline);
    const first = await start();
    // Like a cell that could not be asked: a probe that was killed, for want of memory say, may come up the next time.
    const started = first.kind === 'broken' && !deadline.aborted ? await start() : first;
    if (started.kind !== 'started') return started;
    const probe = stack.use(started.probe);
    const owned = stack.move();
    return {
      kind: 'open',
      pin: {
        hello: started.hello,
        run: (cell, cellSignal) => probe.connection.run(cell, cellSignal),
        [Symbol.asyncDispose]: () => owned.disposeAsync(),
      },
    };
  },
});

type Started =
  | { readonly kind: 'started'; readonly probe: ProbeProcess; readonly hello: Hello }
  | Exclude<Greeting, { readonly kind: 'hello' }>;

const startProbe = async (
  options: ProbeProcessOptions,
  signal: AbortSignal,
  deadline: AbortSignal,
): Promise<Started> => {
  await using stack = new AsyncDisposableStack();
  const probe = stack.use(startProbeProcess(options));
  const greeting = await greet(probe.connection, signal, deadline);
  if (greeting.kind !== 'hello') return greeting;
  stack.move();
  return { kind: 'started', probe, hello: greeting.hello };
};

const greet = async (connection: ProbeConnection, signal: AbortSignal, deadline: AbortSignal): Promise<Greeting> => {
  const giveUp = AbortSignal.any([signal, deadline]);
  const onGiveUp = (): void =>
    connection.fail(signal.aborted ? 'interrupted' : `no greeting within ${greetingDeadlineMs / 1000} s`);
  if (giveUp.aborted) onGiveUp();
  giveUp.addEventListener('abort', onGiveUp, { once: true });
  const greeting = await connection.greeting;
  giveUp.removeEventListener('abort', onGiveUp);
  signal.throwIfAborted();
  return greeting;
};
