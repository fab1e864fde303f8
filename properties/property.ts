import type { Observation, Phase } from '../containers/observation.ts';
import type { Adapter, Model } from '../matrices/adapter.ts';
import type { Config } from '../matrices/config.ts';
import type { Usage } from './usage.ts';

/** What a property may know of a cell besides its observation. */
export interface Subject {
  readonly config: Config;
  /** As it is for this config on the installed release (`adapterAsOf`). */
  readonly adapter: Adapter;
  readonly model: Model;
}

/** Another run that a property compares with: another config, another attempt of the same cell, or another release. */
export interface Reference {
  readonly config: Config;
  /** 0 = the first run of that config, 1 = the second. */
  readonly attempt: number;
  /**
   * On another pin: the baseline, which is the next older release of PEFT in the campaign on the same device. Nothing is
   * found where there is none.
   */
  readonly pin?: 'baseline';
  /** In place of training: reads the checkpoint that the same config wrote on the baseline. */
  readonly reads?: 'baseline';
}

/** What a property says of one cell. */
export type Judgement =
  | { readonly kind: 'holds' }
  | {
      readonly kind: 'violated';
      readonly phase: Phase;
      /** Stable words that identify the violation; goes into the signature's message. No numbers that vary. */
      readonly message: string;
      /** The same with figures, for people. */
      readonly detail: string;
      /** Only `runs` gives these: what stopped the cell. */
      readonly exception?: string;
      readonly frames?: readonly string[];
    }
  /** The evidence that it needs is missing: the cell or a reference did not get that far. */
  | { readonly kind: 'no-evidence'; readonly reason: string };

/** A rule over observations. One file each; listed in `all.ts`. */
export interface Property {
  readonly id: string;
  /** Raise when the same observations would be judged differently. */
  readonly version: number;
  /** One sentence. */
  readonly claim: string;
  readonly applies: (subject: Subject) => boolean;
  /** Runs that the judgement needs beside the cell itself, by a name of the property's own. */
  readonly references?: (subject: Subject) => Readonly<Record<string, Reference>>;
  /** What has to be done with the trained model for the evidence; training alone, if absent. */
  readonly usages?: (subject: Subject) => readonly Usage[];
  /** Several where independent things can be wrong at once. */
  readonly judge: (
    subject: Subject,
    observation: Observation,
    references: Readonly<Record<string, Observation>>,
  ) => Judgement | readonly Judgement[];
}
