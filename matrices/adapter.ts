import type { Condition } from './axis.ts';
import type { AxisValue } from './config.ts';
import type { VersionRanges } from './versions.ts';

/** An argument of a PEFT config class: a plain value, or `$axis` which stands for the config's value of that axis. */
export type Argument = AxisValue | null | readonly Argument[] | { readonly [name: string]: Argument };
export type Arguments = Readonly<Record<string, Argument>>;

/** An option of an adapter that is worth varying; it becomes an axis that applies to the adapters that list it. */
export interface AdapterOption {
  readonly name: string;
  readonly description: string;
  /** Simplest first; the first is the default. */
  readonly values: readonly AxisValue[];
  /** First PEFT release that has it. */
  readonly since?: string;
  /** First PEFT release that no longer has it. */
  readonly until?: string;
}

/** Arguments that only some releases take; they are laid over the adapter's own. */
interface Variant {
  readonly versions: VersionRanges;
  readonly arguments: Arguments;
}

/** One PEFT method, as data. */
export interface Adapter {
  readonly name: string;
  readonly description?: string;
  /** Name of the PEFT config class (`LoraConfig`), or null for full fine-tuning without PEFT. */
  readonly configClass: string | null;
  /** First PEFT release that has it, e.g. `0.9.0`. */
  readonly since?: string;
  /** First PEFT release that no longer has it. */
  readonly until?: string;
  readonly arguments: Arguments;
  /** Every one that matches is laid over `arguments`, in order. */
  readonly variants?: readonly Variant[];
  readonly options: readonly AdapterOption[];
  /** Which trainable parameters the method promises: regular expressions over canonical parameter names. */
  readonly trains: readonly string[];
  /**
   * Trainable parameters that may receive no update from this training (regular expressions over canonical names), with
   * the reason in the data file.
   */
  readonly mayStandStill: readonly string[];
}

/** One tiny model, built from a config without any hub. */
export interface Model {
  readonly name: string;
  readonly description?: string;
  /** transformers class, e.g. `LlamaForCausalLM`. */
  readonly architecture: string;
  readonly configClass: string;
  readonly arguments: Arguments;
  /** Class name of the repeated layer, for the `transformer` wrap policy. */
  readonly layer: string;
  /** Number of those layers. */
  readonly layers: number;
  /** Values of the `targets` axis to what PEFT's `target_modules` gets. */
  readonly targets: Readonly<Record<string, Argument>>;
  /** Extra PEFT arguments that the model asks for (`fan_in_fan_out` for Conv1D), per adapter condition. */
  readonly adapterArguments?: readonly {
    readonly when: Condition;
    readonly arguments: Arguments;
  }[];
}
