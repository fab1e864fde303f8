import { matchesCondition } from './condition.ts';
import type { Condition } from './axis.ts';
import type { Config } from './config.ts';
import type { Versions } from './pin.ts';
import { matchesVersions, type VersionRanges } from './versions.ts';

/** What is known of a failure of one cell. */
export interface FailureLike {
  readonly property: string;
  readonly phase: string;
  /** Exception type, or what stands for it (`Timeout`, `Crash(SIGSEGV)`, `Violation`). */
  readonly exception: string;
  /** The whole message, normalised or not. */
  readonly message: string;
  readonly config: Config;
  /** python and the watched packages, as the environment reported them. */
  readonly versions: Versions;
}

/** By what a failure is recognised; what is absent does not matter. */
export interface Looks {
  readonly exceptions?: readonly string[];
  /** All of them, in any order. */
  readonly words?: readonly string[];
  readonly config?: Condition;
  readonly versions?: VersionRanges;
}

/** True when a failure looks like that. */
export const matchesLooks = (failure: Omit<FailureLike, 'property' | 'phase'>, looks: Looks): boolean =>
  (looks.exceptions?.includes(failure.exception) ?? true) &&
  (looks.words?.every((word) => failure.message.includes(word)) ?? true) &&
  matchesCondition(looks.config ?? {}, failure.config) &&
  matchesVersions(looks.versions ?? {}, failure.versions);
