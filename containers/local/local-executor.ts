import { availableParallelism } from 'node:os';
import type { Executor } from '../executor.ts';
import { openProbe } from '../open-probe.ts';
import { prepareEnvironment } from './prepare-environment.ts';
import { startProbeProcess } from './probe-process.ts';

/** Runs cells in local environments: the default. CPU and gloo need no GPU. */
export const localExecutor = (): Executor => ({
  kind: 'local',
  parallel: cellsAtOnce(),
  open: async (pin, options, signal) => {
    await using stack = new AsyncDisposableStack();
    const environment = await prepareEnvironment(pin, options, signal);
    if (environment.kind === 'broken') return environment;
    stack.use(environment);
    options.onStep('importing');
    const { python, preloadFile } = environment;
    const { cold } = options;
    const opened = await openProbe(
      {
        cold,
        preloadFile,
        start: (mode) => Promise.resolve(startProbeProcess({ python, device: pin.device, mode })),
      },
      signal,
    );
    if (opened.kind !== 'open') return opened;
    stack.use(opened.pin);
    const owned = stack.move();
    return { kind: 'open', pin: { ...opened.pin, [Symbol.asyncDispose]: () => owned.disposeAsync() } };
  },
});

/** Two ranks a cell: on two cores, two cells at once keep both busy while ranks wait for each other (measured). */
export const cellsAtOnce = (cores = availableParallelism()): number => Math.max(2, Math.floor(cores / 2));
