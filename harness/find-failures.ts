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
  /** Whether somebody has named it already: if time is short, what nobody knows comes first. */
  readonly isKnown: (violation: Violation) => boolean;
  readonly onShrunk: (failure: Cause) => void;
  /** Aborted when no more cells may run. */
  readonly stop: AbortSignal;
}

/**
 * Turns any number of violations into few failures.
 *
 * The same signature can have several causes, so a violation whose config does not contain the minimal config of a known
 * failure, or whose pin does not show that minimal config failing, is shrunk again; it ends at that minimum after all, or
 * at one of its own. What has no name first, then simplest first, so the search does not depend on the order in which cells
 * ended.
 */
export const findFailures = async (
  violations: readonly Violation[],
  investigation: Investigation,
): Promise<readonly FoundFailure[]> => {
  const seen = new Map(violations.map((violation) => [violationName(violation), violation]));
  const order = byUrgency(investigation);
  const pending = [...seen.values()].toSorted(order);
  const meet = (violation: Violation): void => {
    if (seen.has(violationName(violation))) return;
    seen.set(violationName(violation), violation);
    insert(pending, violation, order);
  };
  const found: KnownCause[] = [];
  const shrunkTo = new Map<string, Cause>();
  const causeOf = (violation: Violation): Cause | undefined => {
    // The signature first: it is cheap to compare, and every violation is asked.
    const shown = found.filter(
      ({ cause: { minimal }, config }) =>
        minimal.signatureId === violation.signatureId && seen.has(nameOf(violation, config)),
    );
    return chooseCause(shown, violation) ?? shrunkTo.get(violationName(violation));
  };
  const next = (): Violation | undefined => {
    // What has a cause will have one for ever, so each violation is dropped once.
    while (pending[0] !== undefined && causeOf(pending[0]) !== undefined) pending.shift();
    return pending[0];
  };
  for (let violation = next(); violation !== undefined; violation = next()) {
    const cause = await shrinkOrKeep(violation, investigation, meet);
    const known = found.find((other) => hasSameMinimum(other.cause, cause))?.cause;
    meet(cause.minimal);
    shrunkTo.set(violationName(violation), known ?? cause);
    if (known !== undefined) continue;
    found.push(knowCause(cause, investigation));
    for (const met of await lookElsewhere(cause, investigation)) meet(met);
    investigation.onShrunk(cause);
  }
  const cells = Map.groupBy(seen.values(), causeOf);
  return found.map(({ cause }) => ({ ...cause, cells: cells.get(cause) ?? [] }));
};

/** A cause, with what is asked of it again and again. */
interface KnownCause {
  readonly cause: Cause;
  /** Its minimal config as text. */
  readonly config: string;
  /** What of its minimal config differs from the defaults, and the values with which each field fails alike. */
  readonly away: readonly { readonly name: string; readonly value: AxisValue; readonly alike: readonly AxisValue[] }[];
}

const knowCause = (cause: Cause, { awayFromDefault }: Investigation): KnownCause => ({
  cause,
  config: canonicalConfig(cause.minimal.config),
  away: Object.entries(awayFromDefault(cause.minimal.config)).map(([name, value]) => ({
    name,
    value,
    alike: cause.fails[name] ?? [],
  })),
});

/** Puts a violation where it belongs in a list that is in order; behind its equals. */
const insert = (
  sorted: Violation[],
  violation: Violation,
  order: (left: Violation, right: Violation) => number,
): void => {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const other = sorted[middle];
    if (other !== undefined && order(other, violation) <= 0) from = middle + 1;
    else to = middle;
  }
  sorted.splice(from, 0, violation);
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
 * The first cause of the violation's own signature that its config contains to the letter; else the first that accounts
 * for it: on every field of whose minimal config the violation has a value with which it is known to fail alike.
 */
const chooseCause = (causes: readonly KnownCause[], { config }: Violation): Cause | undefined => {
  const contained = causes.find(({ away }) => away.every(({ name, value }) => config[name] === value));
  const accounting = (): KnownCause | undefined =>
    causes.find(({ away }) =>
      away.every(({ name, value, alike }) => {
        const actual = config[name];
        return actual === value || (actual !== undefined && alike.includes(actual));
      }),
    );
  return (contained ?? accounting())?.cause;
};

const hasSameMinimum = (left: Cause, right: Cause): boolean =>
  left.minimal.signatureId === right.minimal.signatureId &&
  canonicalConfig(left.minimal.config) === canonicalConfig(right.minimal.config);

/** Tells one violation of a campaign from another. */
export const violationName = (violation: Violation): string => nameOf(violation, canonicalConfig(violation.config));

/** What a violation of the same signature on the same pin is called at another config. */
const nameOf = ({ ready, signatureId }: Violation, config: string): string =>
  `${ready.pin.id} ${signatureId} ${config}`;

const byUrgency = ({ compare, isKnown }: Investigation): ((left: Violation, right: Violation) => number) => {
  const known = new Map<Violation, number>();
  const knownAs = (violation: Violation): number => {
    const found = known.get(violation) ?? Number(isKnown(violation));
    known.set(violation, found);
    return found;
  };
  return (left, right) =>
    knownAs(left) - knownAs(right) ||
    compare(left.config, right.config) ||
    (left.signatureId < right.signatureId ? -1 : Number(left.signatureId > right.signatureId));
};
