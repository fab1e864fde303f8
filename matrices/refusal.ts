import { matchesCondition } from './condition.ts';
import type { Config } from './config.ts';
import { matchesLooks, type FailureLike, type Looks } from './failure-looks.ts';
import { phases, type Phase } from './phase.ts';
import type { Versions } from './pin.ts';
import { matchesVersions } from './versions.ts';

/**
 * An exception that PEFT raises on purpose: the cell is `unsupported`, not failed; of a usage, the usage alone.
 *
 * One that says for which configs it is raised is held to it: a cell that it concerns and that was not refused makes it
 * stale.
 */
export interface Refusal extends Looks {
  readonly id: string;
  /** In plain words, for the report. */
  readonly because: string;
  readonly link?: string;
  readonly exceptions: readonly string[];
  readonly words: readonly string[];
  /** The last phase in which it is raised. Absent: any, though by the end of `train` it has been. */
  readonly phase?: Phase;
}

/** The first refusal that explains an exception, or undefined. */
export const matchRefusal = (
  failure: Omit<FailureLike, 'property' | 'phase'> & { readonly phase: Phase },
  refusals: readonly Refusal[],
): Refusal | undefined =>
  refusals.find((refusal) => matchesLooks(failure, refusal) && isInTime(failure.phase, refusal.phase));

/** What went through a phase was not refused by it, whatever is raised later. */
const isInTime = (raised: Phase, last: Phase | undefined): boolean =>
  last === undefined || phases.indexOf(raised) <= phases.indexOf(last);

/** True when a cell went through the phase in which a refusal that speaks of its config should have been raised. */
export const shouldHaveRefused = (
  { config: concerned, versions: ranges = {}, phase = 'train' }: Refusal,
  config: Config,
  versions: Versions,
  finished: readonly Phase[],
): boolean =>
  concerned !== undefined &&
  finished.includes(phase) &&
  matchesCondition(concerned, config) &&
  matchesVersions(ranges, versions);
