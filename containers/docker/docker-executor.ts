import { join } from 'node:path';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { ResolvedPin } from '../../matrices/pin.ts';
import type { Executor, OpenOptions, OpenResult } from '../executor.ts';
import { accessGpus, type GpuSettings } from '../gpu/gpu-access.ts';
import { cacheSubfolder } from '../local/cache-folder.ts';
import { cellsAtOnce } from '../local/local-executor.ts';
import { openProbe, probeWords } from '../open-probe.ts';
import { preloadName } from '../preload-record.ts';
import { furtherPackages } from '../../matrices/watched-packages.ts';
import { deviceRequests } from './device-requests.ts';
import { EngineWatch } from './engine-watch.ts';
import { ensureImage } from './images/ensure-image.ts';
import type { ContainerLimits } from './limits.ts';
import { startProbeContainer } from './start-probe-container.ts';

export interface DockerSettings {
  /** Image that every image is built on; `{python}` stands for the pin's Python, such as 3.11. */
  readonly baseImage: string;
  readonly limits: ContainerLimits;
  readonly gpus: GpuSettings;
  /** How long a campaign waits for an engine that has gone away, such as one that is restarted, in milliseconds. */
  readonly awayLimitMs: number;
}

/** Runs cells in containers, one image per lock. */
export const dockerExecutor = (settings: DockerSettings): Executor => {
  const watch = new EngineWatch(settings.awayLimitMs);
  return {
    kind: 'docker',
    parallel: cellsAtOnce(),
    open: async (pin, options, signal) => {
      try {
        return await openInContainer(pin, settings, watch, options, signal);
      } catch (error) {
        if (error instanceof InfrastructureError && !signal.aborted) return { kind: 'broken', reason: error.message };
        throw error;
      }
    },
  };
};

const openInContainer = async (
  pin: ResolvedPin,
  { baseImage, limits, gpus }: DockerSettings,
  watch: EngineWatch,
  options: OpenOptions,
  signal: AbortSignal,
): Promise<OpenResult> => {
  const { source, device } = pin;
  if (source.kind === 'interpreter') {
    return { kind: 'skipped', reason: 'an interpreter of this machine is in no image: use --executor local' };
  }
  if (source.kind === 'tree') {
    return { kind: 'skipped', reason: 'a source tree is in no image: use --executor local' };
  }
  const access = await accessGpus(device, gpus, signal);
  if (access.kind === 'skipped') return access;
  const engine = await watch.engine(options, signal);
  const image = await ensureImage(engine, source.lock, { baseImage }, options, signal);
  const preloadFile = join(await cacheSubfolder(process.env, 'images', image.id.replace('sha256:', '')), preloadName);
  options.onStep('importing');
  const opened = await openProbe(
    {
      cold: options.cold,
      hashSeed: options.hashSeed,
      preloadFile,
      start: (mode) =>
        Promise.resolve(
          startProbeContainer(engine, {
            image: image.tag,
            words: probeWords({ device, mode, watch: furtherPackages(pin) }),
            limits,
            deviceRequests: deviceRequests(device, gpus.request),
          }),
        ),
    },
    signal,
  );
  return opened.kind === 'open' ? { kind: 'open', pin: access.lease(opened.pin) } : opened;
};
