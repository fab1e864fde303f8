import type { AxisValue } from './config.ts';

/** Axis name to the values for which a condition holds; every entry must hold. Values of absent axes never match. */
export type Condition = Readonly<Record<string, readonly AxisValue[]>>;

/** A range of numbers, both ends included. */
export interface Numbers {
  readonly from: number;
  readonly to: number;
  readonly integer: boolean;
}

/** One named dimension of a configuration. */
export interface Axis {
  readonly name: string;
  readonly description: string;
  /** Simplest first: the order that shrinking walks down. The first value is the default. */
  readonly values: readonly AxisValue[];
  /** When the axis applies at all; always, if absent. A condition may only name axes that come earlier in the list. */
  readonly applies?: Condition;
  /** The axis takes any number in between too; `values` are those that are covered, and what shrinking prefers. */
  readonly numbers?: Numbers;
  /** The values are names that each model gives a meaning of its own, or none (`Model.means`). */
  readonly ofModel?: boolean;
}

/**
 * A combination that makes no sense or that a release does not offer.
 *
 * A rule excludes a config when its `when` holds and, if given, `versions` (package name to PEP 440 range, pre-releases
 * count as their final release) and `device` match the pin. `unsupported` is a fact about the release and worth
 * publishing; `skipped` is our choice or our machine.
 */
export interface Rule {
  readonly id: string;
  readonly when: Condition;
  readonly versions?: Readonly<Record<string, string>>;
  readonly device?: 'cpu' | 'cuda';
  /** A fact that the probe must have reported as absent for the rule to bite, e.g. `{ sharding: 'fsdp2' }`. */
  readonly lacks?: {
    readonly dtype?: string;
    readonly lstmDtype?: string;
    readonly sharding?: string;
    readonly devices?: number;
  };
  readonly verdict: 'unsupported' | 'skipped';
  readonly because: string;
}
