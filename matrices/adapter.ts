import type { Condition, Numbers } from './axis.ts';
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
  readonly numbers?: Numbers;
  /** Releases of single values, where they differ from the option's own. */
  readonly releases?: Readonly<Record<string, { readonly since?: string; readonly until?: string }>>;
  /** What a value stands for as an argument, where that is not the value itself; null leaves the argument out. */
  readonly means?: Readonly<Record<string, Argument>>;
  /** Models say what its values stand for (`Model.means`); those that do not cannot run them. */
  readonly ofModel?: boolean;
  /** Every value changes the mathematics: with the same weights it gives other outputs than the first value. */
  readonly changesOutputs?: boolean;
}

/** How closely an operation is undone, or agrees with what it replaces. */
export type Exactness =
  /** Up to rounding. */
  | 'exact'
  /** The method itself approximates; only gross errors count. */
  | 'approximate'
  /** The method does not offer it. */
  | 'no';

/** What a method promises beyond training; properties hold it to that, and to nothing else. */
export interface Promises {
  /** A fresh adapter leaves the outputs of the base model alone. */
  readonly identity: boolean;
  /** Merging into the base weights leaves the outputs alone. */
  readonly merge: Exactness;
  /** Unmerging gives the base weights back. */
  readonly unmerge: Exactness;
  /** With the adapter disabled the model is the base model. */
  readonly disable: boolean;
  /** One model can hold several, of which one is active. */
  readonly several: boolean;
  /** `add_weighted_adapter` makes a new one of several. */
  readonly combine: boolean;
  /** `hotswap_adapter` puts another one in its place. */
  readonly hotswap: boolean;
  /** One batch can have rows for several (`adapter_names`). */
  readonly mixedBatch: boolean;
  /** The same seed gives the same run; false for methods that sample while they train. */
  readonly deterministic: boolean;
  /** The gradient of a batch is the mean of the gradients of its parts; false where a forward pass mixes rows. */
  readonly splits: boolean;
  /**
   * A small change of the numbers makes a small change of the run; false for methods that choose (ranks to prune, entries to
   * train), or train within the singular directions of a weight, which turn when it is rounded.
   */
  readonly smooth: boolean;
  /**
   * A checkpoint holds the trained weights as they are; false for methods that save what the weights come to. That gives
   * the same outputs, and cannot be trained further as if nothing had happened.
   */
  readonly keepsWeights: boolean;
}

/** What an adapter promises unless its entry says otherwise. */
export const usualPromises: Promises = {
  identity: true,
  merge: 'exact',
  unmerge: 'exact',
  disable: true,
  several: true,
  combine: false,
  hotswap: false,
  mixedBatch: false,
  deterministic: true,
  splits: true,
  smooth: true,
  keepsWeights: true,
};

/** What {@link Adapter.push} is unless its entry says otherwise; of the size of the models' weights. */
export const usualPush = 0.02;

/** Names of the axes of which alpha / rank is made; where `squareRoot` is true, alpha / sqrt(rank). */
interface Scale {
  readonly alpha: string;
  readonly rank: string;
  readonly squareRoot?: string;
}

/** What is different for some releases or configs: laid over the adapter's own. */
interface Variant {
  readonly versions?: VersionRanges;
  readonly when?: Condition;
  readonly arguments?: Arguments;
  /** Beside those that the adapter trains anyway. */
  readonly trains?: readonly string[];
  readonly promises?: Partial<Promises>;
  /** Options that otherwise change the outputs and do not here, because another option speaks in their place. */
  readonly withoutEffect?: readonly string[];
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
  /**
   * How far each trainable number is moved off its initial value before training, at most: uniform noise of this amplitude.
   * An adapter that starts as the identity hides bugs of merging, scaling and loading.
   */
  readonly push: number;
  /** Every one that matches counts, in order. */
  readonly variants?: readonly Variant[];
  readonly promises: Promises;
  readonly options: readonly AdapterOption[];
  /** Which trainable parameters the method promises: regular expressions over canonical parameter names. */
  readonly trains: readonly string[];
  /** It builds layers of the model's own kind, which are sharded as those of the model are. */
  readonly addsLayers?: true;
  /** What its update is multiplied by, where that is set by options. */
  readonly scale?: Scale;
  /**
   * Trainable parameters that may receive no update from this training (regular expressions over canonical names), with
   * the reason in the data file.
   */
  readonly mayStandStill: readonly string[];
}

/** What a model is trained to do. It decides the batch, the loss and PEFT's task type. */
export type Task = 'causal' | 'seq2seq' | 'classification' | 'regression';

/** One tiny model, built from a config without any hub. */
export interface Model {
  readonly name: string;
  readonly description?: string;
  /** Where its class comes from: transformers, or the probe's own plain modules (`models.py`). */
  readonly library: 'transformers' | 'probe';
  /** The class, e.g. `LlamaForCausalLM`. */
  readonly architecture: string;
  /** transformers' config class, which takes the arguments; null where the model's class takes them itself. */
  readonly configClass: string | null;
  readonly task: Task;
  readonly arguments: Arguments;
  /** Class name of the repeated layer, for the `transformer` wrap policy. */
  readonly layer: string;
  /** Number of those layers. */
  readonly layers: number;
  /** Axes whose values are names (`ofModel`): what each value stands for as an argument of PEFT on this model. */
  readonly means: Readonly<Record<string, Readonly<Record<string, Argument>>>>;
  /** Trainable parameters that PEFT adds for the task, whatever the adapter (a classification head). */
  readonly trains: readonly string[];
  /** Trainable parameters of the model that may receive no update, whatever the adapter: as `Adapter.mayStandStill`. */
  readonly mayStandStill: readonly string[];
  /** Extra PEFT arguments that the model asks for (`fan_in_fan_out` for Conv1D), per adapter condition. */
  readonly adapterArguments?: readonly {
    readonly when: Condition;
    readonly arguments: Arguments;
  }[];
}
