import type { DeviceRequest } from 'dockerode';
import { GenericContainer, PullPolicy, type WaitStrategy } from 'testcontainers';
import type { ContainerLimits } from './limits.ts';
import { ownLabel, processLabel, processMark } from './labels.ts';

export interface ProbeContainerOptions {
  /** Reference or id of the image; its entry point is the probe. */
  readonly image: string;
  /** Words of the probe's command line. */
  readonly words: readonly string[];
  readonly limits: ContainerLimits;
  /** GPUs as the engine is asked for them; none on a CPU. */
  readonly deviceRequests: readonly DeviceRequest[];
  /** Called once the container is there and before it runs: from here on nothing that it writes is missed. */
  readonly onCreated: (containerId: string) => Promise<void>;
  /** Rejects when the probe does not shake hands. */
  readonly ready: () => Promise<void>;
  /** For tests: files of the host, `path:path inside:ro`. */
  readonly binds?: readonly string[];
  /** For tests: a program in the place of the probe. */
  readonly entrypoint?: readonly string[];
}

/**
 * The probe as a container's main process: JSON lines through its standard streams, no network, nothing that can be
 * written but /tmp, no rights, and limits on everything.
 *
 * It goes with the harness: `StdinOnce` closes its standard input when the connection to the engine ends, however we
 * died, the probe leaves, and `AutoRemove` removes the container.
 */
export class ProbeContainer extends GenericContainer {
  readonly #onCreated: (containerId: string) => Promise<void>;

  constructor({
    image,
    words,
    limits,
    deviceRequests,
    onCreated,
    ready,
    binds = [],
    entrypoint,
  }: ProbeContainerOptions) {
    super(image);
    this.#onCreated = onCreated;
    this.createOpts = {
      ...this.createOpts,
      OpenStdin: true,
      StdinOnce: true,
      Tty: false,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    };
    this.hostConfig = {
      ...this.hostConfig,
      AutoRemove: true,
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: limits.pids,
      Memory: limits.memoryBytes,
      MemorySwap: limits.memoryBytes,
      ...(limits.cpus === undefined ? {} : { NanoCpus: Math.round(limits.cpus * 1e9) }),
      ShmSize: limits.shmBytes,
      // Executable: compilers of kernels put their libraries there.
      Tmpfs: { '/tmp': `rw,exec,nosuid,nodev,mode=1777,size=${limits.scratchBytes}` },
      // What libraries print is read by us, and kept nowhere.
      LogConfig: { Type: 'none', Config: {} },
      DeviceRequests: [...deviceRequests],
      Binds: [...binds],
    };
    this.withCommand([...words])
      .withNetworkMode('none')
      .withPullPolicy(PullPolicy.neverPull())
      .withUser(nobody)
      .withLabels({ [ownLabel]: 'probe', [processLabel]: processMark() })
      // `AutoRemove` does it; asking for it twice makes the engine answer 409.
      .withAutoRemove(false)
      // Ryuk needs an image of its own; our containers end with us and are swept at the next start.
      .withAutoCleanup(false)
      .withWaitStrategy(waitFor(ready));
    if (entrypoint !== undefined) this.withEntrypoint([...entrypoint]);
  }

  protected override containerCreated(containerId: string): Promise<void> {
    return this.#onCreated(containerId);
  }
}

/** A numeric user that owns nothing: no engine has to look up a name in an image. */
const nobody = '65534:65534';

/** Patience is kept by whoever opens a probe, wherever it runs. */
const waitFor = (ready: () => Promise<void>): WaitStrategy => {
  const strategy: WaitStrategy = {
    waitUntilReady: ready,
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => Number.POSITIVE_INFINITY,
  };
  return strategy;
};
