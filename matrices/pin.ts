/** Where the tensors of a pin live. */
export type Device = 'cpu' | 'cuda';

/**
 * One resolved set of versions. Everything an environment needs to be built again, on another day, the same.
 *
 * A lock's hash (see `lockId`) names its environment and its image. Packages that only carry torch's accelerator
 * libraries (`nvidia-*`, `cuda-*`, `triton`) follow the build of torch that the machine offers and are not part of a
 * CPU lock.
 */
export interface Lock {
  /** `major.minor`, e.g. `3.11`. */
  readonly python: string;
  /** Normalised name (PEP 503) to exact version, without torch's local suffix (`2.13.0`, not `2.13.0+cpu`). */
  readonly packages: Readonly<Record<string, string>>;
  readonly device: Device;
  /** e.g. `linux-x86_64`. */
  readonly platform: string;
  /** No package younger than this entered the lock (ISO date or timestamp); absent when nothing limited it. */
  readonly asOf?: string;
}

/**
 * python and the watched packages that are installed, by name: `{ python: '3.11.7', torch: '2.13.0+cpu', ... }`.
 *
 * The watched packages are those that touch numbers (`WATCHED` in the probe's `libraries.py`). They are part of a cell's
 * key; the rest of a lock is provenance, but for packages that a pin names in `watch`.
 */
export type Versions = Readonly<Record<string, string>>;

/** What an environment says of itself at the handshake. */
export interface Capabilities {
  readonly versions: Versions;
  readonly device: Device;
  /** Number of accelerators visible to the environment; 0 on a CPU. */
  readonly devices: number;
  /** PEFT config classes that can be imported, with the names of their fields. */
  readonly configClasses: Readonly<Record<string, readonly string[]>>;
  /** dtypes in which the device can train a linear layer: `float32`, `bfloat16`, `float16`. */
  readonly dtypes: readonly string[];
  /** Of these, those to which autocast can bring an LSTM: `bfloat16`, where oneDNN has one for the processor. */
  readonly lstmDtypes: readonly string[];
  /** Shardings that torch offers here: `ddp`, `fsdp1`, `fsdp2`. */
  readonly shardings: readonly string[];
}

/** A pin that is ready for planning: its name for people, its lock or interpreter, and what it offers. */
export interface ResolvedPin {
  /** Short and unique within a campaign, e.g. `peft-0.21.2`. */
  readonly id: string;
  readonly device: Device;
  readonly source: PinSource;
  /**
   * Packages beside the watched ones whose versions are part of the key of its cells, too: where it is asked what one of
   * them did, cells that differ in it alone are not the same.
   */
  readonly watch?: readonly string[];
}

/** Where the environment of a pin comes from. */
export type PinSource =
  /** It is made from this lock. */
  | { readonly kind: 'lock'; readonly lock: Lock }
  /** That of this interpreter is taken as it is. */
  | { readonly kind: 'interpreter'; readonly path: string }
  | SourceTree;

/** The environment of a lock in which one package is not the installed one but that of a source tree. */
export interface SourceTree {
  readonly kind: 'tree';
  readonly lock: Lock;
  /** Normalised name (PEP 503), e.g. `peft`. */
  readonly package: string;
  /** The root of the tree: absolute path of a folder with `src/peft` or `peft` in it. */
  readonly path: string;
  /** Full hash of the commit that the tree is, where nobody changes it any more; absent for a folder that is worked in. */
  readonly commit?: string;
  /** URL or path of the repository that it came from; absent for a folder, and for the known one of the package. */
  readonly git?: string;
}
