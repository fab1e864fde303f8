/** What a container may take of its host. */
export interface ContainerLimits {
  /** Memory of all its processes together, in bytes; what lies in /tmp and /dev/shm counts. There is no swap. */
  readonly memoryBytes: number;
  /** Processes and threads. */
  readonly pids: number;
  /** CPU time a second of wall time, in cores; undefined for as much as there is. */
  readonly cpus?: number;
  /** Size of /dev/shm, in bytes: NCCL puts its buffers between ranks of a host there. */
  readonly shmBytes: number;
  /** Size of /tmp, the one place that can be written, in bytes. */
  readonly scratchBytes: number;
}

const gib = 1024 ** 3;

/** Two cells of two ranks take some 800 MB; the rest is room for models that go wrong. */
export const defaultLimits: ContainerLimits = {
  memoryBytes: 8 * gib,
  pids: 1024,
  shmBytes: gib,
  scratchBytes: gib,
};
