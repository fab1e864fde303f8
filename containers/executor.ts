import type { ResolvedPin } from '../matrices/pin.ts';
import type { CellRequest, CheckpointFiles } from './cell-request.ts';
import type { Observation } from './observation.ts';
import type { Hello, ImportFailure } from './protocol.ts';
import type { Telling } from './telling.ts';

/** What asking for a cell gave: an observation, or the reason why we could not ask. */
export type CellResult =
  | {
      readonly kind: 'observed';
      readonly observation: Observation;
      readonly provenance: Readonly<Record<string, unknown>>;
      /** The checkpoint that the cell wrote, for another release to read. */
      readonly files?: CheckpointFiles;
    }
  | { readonly kind: 'broken'; readonly reason: string };

/** A pin whose probe has shaken hands. */
export interface OpenPin extends AsyncDisposable {
  readonly hello: Hello;
  /**
   * Runs one cell; several may be under way. Aborting kills its ranks and rejects with the signal's reason. `devices` are
   * the GPUs of its ranks, as the probe numbers them.
   */
  run(cell: CellRequest, signal: AbortSignal, devices?: readonly number[]): Promise<CellResult>;
}

/** What opening a pin gave. */
export type OpenResult =
  | { readonly kind: 'open'; readonly pin: OpenPin }
  /** torch, transformers or PEFT cannot be imported together: a fact about the pin, and one failure. */
  | { readonly kind: 'import-failed'; readonly failure: ImportFailure }
  /** The environment does not resolve or build, or nothing answered: in the tool's own words. */
  | { readonly kind: 'broken'; readonly reason: string }
  /** We chose not to: this machine or this executor has no place for it. */
  | { readonly kind: 'skipped'; readonly reason: string };

export interface OpenOptions extends Telling {
  /**
   * Cold: every cell runs in processes of its own that imported nothing beforehand, instead of forks of a warm parent.
   * For confirming failures.
   */
  readonly cold: boolean;
  /**
   * Python's own seed of hashes (PYTHONHASHSEED), on which the order of sets of strings depends: 0 to 4294967295. Given, so
   * that a run can be had again; another one for a second run of a cell, so that what depends on it shows.
   */
  readonly hashSeed: number;
}

/** Where cells run. The campaign does not know which one it uses. */
export interface Executor {
  /** Part of every ledger key: `local`, `docker`, ... */
  readonly kind: string;
  /** How many cells to run at once on this executor. */
  readonly parallel: number;
  open(pin: ResolvedPin, options: OpenOptions, signal: AbortSignal): Promise<OpenResult>;
  /** Builds what opening the pin needs, ahead of time. Absent where that cannot be had apart; what fails is told by `open`. */
  readonly prepare?: (pin: ResolvedPin, telling: Telling, signal: AbortSignal) => Promise<void>;
}
