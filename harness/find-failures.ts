import type { AxisValue, Config } from '../matrices/config.ts';
import { canonicalConfig } from '../matrices/config.ts';
import type { Signature } from '../properties/verdict.ts';
import type { ReadyPin } from './cell.ts';

/** One cell breaking one property. */
export interface Violation {
  readonly ready: ReadyPin;
  readonly config: Config;
  readonly signature: Signature;
  /** Hash of the signature. */
  readonly signatureId: string;
  readonly detail: string;
}

/** A signature and a minimal config. */
export interface Cause {
  /** The violation at the minimal config, on the pin where it was shrunk. */
  readonly minimal: Violation;
  /** Every single simplification was run and does not show it; false when the search was stopped or a cell was broken. */
  readonly isProven: boolean;
  /** Per field that differs from the defaults: the values with which it fails alike, everything else held. */
  readonly fails: Readonly<Record<string, readonly AxisValue[]>>;
}

/** A cause with every cell that it accounts for. */
export interface FoundFailure extends Cause {
  readonly cells: readonly Violation[];
}

/** What the search needs to know of the world; the campaign supplies it. */
export interface Investigation {
  /** Fewest fields away from the defaults first; a total order. */
  readonly compare: (left: Config, right: Config) => number;
  /** The part of a config that differs from the defaults. */
  readonly awayFromDefault: (config: Config) => Config;
  /** What the minimal config of a failure comes to on the other pins. */
  readonly elsewhere: (cause: Cause) => Promise<readonly Violation[]>;
  /** Shrinks to a config none of whose simplifications shows the signature. Violations met on the way are told. */
  readonly shrink: (violation: Violation, meet: (violation: Violation) => void) => Promise<Cause>;
  readonly onShrunk: (failure: Cause) => void;
  /** Aborted when no more cells may run. */
  readonly stop: AbortSignal;
}

/**
 * Turns any number of violations into few failures.
 *
 * The same signature can have several causes, so a violation whose config does not contain the minimal config of a known
 * failure, or whose pin does not show that minimal config failing, is shrunk again; it ends at that minimum after all, or
 * at one of its own. Simplest first, so the search does not depend on the order in which cells ended.
 */
export const findFailures = async (
  violations: readonly Violation[],
  investigation: Investigation,
): Promise<readonly FoundFailure[]> => {
  const seen = new Map(violations.map((violation) => [violationName(violation), violation]));
  const meet = (violation: Violation): void => {
    if (!seen.has(violationName(violation))) seen.set(violationName(violation), violation);
  };
  const found: Cause[] = [];
  const shrunkTo = new Map<string, Cause>();
  const causeOf = (violation: Violation): Cause | undefined => {
    // The signature first: it is cheap to compare, and this is asked of every violation again and again.
    const shown = found.filter(
      ({ minimal }) =>
        minimal.signatureId === violation.signatureId &&
        seen.has(violationName({ ...minimal, ready: violation.ready })),
    );
    return chooseCause(shown, violation, investigation) ?? shrunkTo.get(violationName(violation));
  };
  const next = (): Violation | undefined =>
    [...seen.values()].filter((violation) => causeOf(violation) === undefined).toSorted(bySimplicity(investigation))[0];
  for (let violation = next(); violation !== undefined; violation = next()) {
    const cause = await shrinkOrKeep(violation, investigation, meet);
    const known = found.find((other) => hasSameMinimum(other, cause));
    meet(cause.minimal);
    shrunkTo.set(violationName(violation), known ?? cause);
    if (known !== undefined) continue;
    found.push(cause);
    for (const met of await lookElsewhere(cause, investigation)) meet(met);
    investigation.onShrunk(cause);
  }
  return found.map((cause) => ({
    ...cause,
    cells: [...seen.values()].filter((violation) => causeOf(violation) === cause),
  }));
};

const shrinkOrKeep = async (
  violation: Violation,
  investigation: Investigation,
  meet: (violation: Violation) => void,
): Promise<Cause> => {
  try {
    investigation.stop.throwIfAborted();
    return await investigation.shrink(violation, meet);
  } catch (error) {
    if (!investigation.stop.aborted) throw error;
    return { minimal: violation, fails: {}, isProven: false };
  }
};

/** Which pins show it is half the answer, and what a config of theirs shows instead is a failure of its own. */
const lookElsewhere = async (cause: Cause, investigation: Investigation): Promise<readonly Violation[]> => {
  if (investigation.stop.aborted) return [];
  try {
    return await investigation.elsewhere(cause);
  } catch (error) {
    if (investigation.stop.aborted) return [];
    throw error;
  }
};

/**
 * True when a failure of the violation's own signature explains it: on every field of its minimal config the violation
 * has a value with which it is known to fail alike.
 */
const accountsFor = (failure: Cause, violation: Violation, { awayFromDefault }: Investigation): boolean =>
  Object.entries(awayFromDefault(failure.minimal.config)).every(([name, value]) => {
    const actual = violation.config[name];
    return actual === value || (actual !== undefined && (failure.fails[name] ?? []).includes(actual));
  });

/** The first cause that the violation's config contains to the letter, else the first that accounts for it. */
const chooseCause = (causes: readonly Cause[], violation: Violation, investigation: Investigation): Cause | undefined =>
  causes.find((cause) => accountsFor({ ...cause, fails: {} }, violation, investigation)) ??
  causes.find((cause) => accountsFor(cause, violation, investigation));

const hasSameMinimum = (left: Cause, right: Cause): boolean =>
  left.minimal.signatureId === right.minimal.signatureId &&
  canonicalConfig(left.minimal.config) === canonicalConfig(right.minimal.config);

/** Tells one violation of a campaign from another. */
export const violationName = ({ ready, signatureId, config }: Violation): string =>
  `${ready.pin.id} ${signatureId} ${canonicalConfig(config)}`;

const bySimplicity =
  ({ compare }: Investigation) =>
  (left: Violation, right: Violation): number =>
    compare(left.config, right.config) ||
    (left.signatureId < right.signatureId ? -1 : Number(left.signatureId > right.signatureId));
