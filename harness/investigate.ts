import { canonicalConfig, type Config } from '../matrices/config.ts';
import type { Matrix } from '../matrices/matrix.ts';
import { minimalForm } from '../matrices/normalise.ts';
import { allProperties } from '../properties/all.ts';
import { configArbitrary } from '../properties/config-arbitrary.ts';
import { leaps } from '../properties/leaps.ts';
import { compareSimplicity } from '../properties/order.ts';
import { shrinkSearch } from '../properties/shrink-search.ts';
import { whichValuesFail } from '../properties/which-values-fail.ts';
import type { Cause, Investigation, Violation } from './find-failures.ts';
import type { ReadyPin } from './cell.ts';
import { judgeConfig, type Judged } from './judge-config.ts';
import type { Laboratory } from './laboratory.ts';
import { isFeasible } from './plan.ts';
import { expectationOf } from './name-failure.ts';

/**
 * Candidates that run at once. Constant, not the number of cores: what is tried on the way must be the same on every
 * machine.
 */
const width = 4;

/**
 * How a campaign shrinks: by running simpler cells on the pin where the violation was seen. Simpler values are tried
 * whether the matrix lists them or not; other values that fail alike are only looked for among those it lists.
 */
export const investigation = (
  laboratory: Laboratory,
  matrix: Matrix,
  pins: readonly ReadyPin[],
  stop: AbortSignal,
  onShrunk: (cause: Cause) => void,
): Investigation => ({
  compare: compareSimplicity(laboratory.catalogue.axes),
  awayFromDefault: (config) => minimalForm(laboratory.catalogue.axes, config),
  elsewhere: (cause) => judgeElsewhere(laboratory, cause, pins),
  isKnown: (violation) => expectationOf(violation, laboratory.catalogue) !== undefined,
  shrink: (violation, meet) => shrinkViolation(laboratory, matrix, violation, meet, stop),
  onShrunk,
  stop,
});

const shrinkViolation = async (
  laboratory: Laboratory,
  matrix: Matrix,
  violation: Violation,
  meet: (violation: Violation) => void,
  stop: AbortSignal,
): Promise<Cause> => {
  const { axes } = laboratory.catalogue;
  const { ready, config: start } = violation;
  const feasible = isFeasible(laboratory.catalogue, ready);
  const arbitrary = configArbitrary(axes, feasible);
  const seen = new Map([[canonicalConfig(start), violation]]);
  const isInteresting = async (config: Config): Promise<boolean | 'unknown'> => {
    const { verdict, violations } = await judgeAlike(laboratory, violation, config);
    if (verdict.kind === 'broken') return 'unknown';
    const same = violations.find((other) => other.signatureId === violation.signatureId);
    if (same !== undefined) seen.set(canonicalConfig(config), same);
    for (const other of violations) if (other !== same) meet(other);
    return same !== undefined;
  };
  const { minimal, isProven } = await shrinkSearch(start, {
    candidates: (config) => [...arbitrary.shrink(config, undefined)].map(({ value }) => value),
    leaps: (config) => leaps(axes, config).filter(feasible),
    compare: compareSimplicity(axes),
    isInteresting,
    width,
    signal: stop,
  });
  stop.throwIfAborted();
  const isListed = (config: Config): boolean => feasible(config) && hasListedValues(matrix, minimal, config);
  const fails = await whichValuesFail(minimal, { axes, feasible: isListed, isInteresting, width, signal: stop });
  return { minimal: seen.get(canonicalConfig(minimal)) ?? violation, isProven, fails };
};

const judgeElsewhere = async (
  laboratory: Laboratory,
  { minimal }: Cause,
  pins: readonly ReadyPin[],
): Promise<readonly Violation[]> => {
  const others = pins.filter(({ pin }) => pin.id !== minimal.ready.pin.id && minimal.signature.phase !== 'import');
  const judged = await Promise.all(
    others.map((ready) => judgeAlike(laboratory, { ...minimal, ready }, minimal.config)),
  );
  return judged.flatMap(({ violations }) => violations);
};

/** Every value is one that the matrix lists, or the minimal config's own, or the default of an axis that it leaves out. */
const hasListedValues = (matrix: Matrix, minimal: Config, config: Config): boolean =>
  Object.entries(config).every(
    ([name, value]) => minimal[name] === value || (matrix.axes[name]?.includes(value) ?? minimal[name] === undefined),
  );

/**
 * What is wrong with another config of the same pin: by the property in question, and by those that need no other run.
 */
const judgeAlike = (laboratory: Laboratory, { ready, signature }: Violation, config: Config): Promise<Judged> =>
  judgeConfig(laboratory, ready, config, {
    properties: allProperties.filter(({ id, references }) => id === signature.property || references === undefined),
    by: laboratory.run,
  });
