import { availableParallelism } from 'node:os';
import { furtherPackages } from '../../matrices/watched-packages.ts';
import type { Executor } from '../executor.ts';
import { accessGpus, everyGpu, type GpuSettings } from '../gpu/gpu-access.ts';
import { openProbe } from '../open-probe.ts';
import { prepareEnvironment } from './prepare-environment.ts';
import { startProbeProcess } from './probe-process.ts';

/** Runs cells in local environments: the default. CPU and gloo need no GPU. */
export const localExecutor = (gpus: GpuSettings = everyGpu): Executor => ({
  kind: 'local',
  parallel: cellsAtOnce(),
  prepare: async (pin, telling, signal) => {
    const environment = await prepareEnvironment(pin, telling, signal);
    if (environment.kind === 'ready') environment[Symbol.dispose]();
  },
  open: async (pin, options, signal) => {
    await using stack = new AsyncDisposableStack();
    const access = await accessGpus(pin.device, gpus, signal);
    if (access.kind === 'skipped') return access;
    const environment = await prepareEnvironment(pin, options, signal);
    if (environment.kind === 'broken') return environment;
    stack.use(environment);
    options.onStep('importing');
    const { python, overlay, preloadFile } = environment;
    const { cold, hashSeed } = options;
    const words = { device: pin.device, watch: furtherPackages(pin) };
    const visibleDevices = gpus.request.kind === 'all' ? undefined : access.devices.map(({ uuid }) => uuid);
    const opened = await openProbe(
      {
        cold,
        hashSeed,
        preloadFile,
        start: (mode) => Promise.resolve(startProbeProcess({ python, overlay, visibleDevices, mode, ...words })),
      },
      signal,
    );
    if (opened.kind !== 'open') return opened;
    stack.use(opened.pin);
    const owned = stack.move();
    return { kind: 'open', pin: { ...access.lease(opened.pin), [Symbol.asyncDispose]: () => owned.disposeAsync() } };
  },
});

/** Two ranks a cell: on two cores, two cells at once keep both busy while ranks wait for each other (measured). */
export const cellsAtOnce = (cores = availableParallelism()): number => Math.max(2, Math.floor(cores / 2));
