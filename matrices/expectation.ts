import { matchesCondition } from './condition.ts';
import { matchesLooks, type FailureLike, type Looks } from './failure-looks.ts';
import type { Config } from './config.ts';
import type { Versions } from './pin.ts';
import { matchesVersions } from './versions.ts';

/** A failure that somebody has looked at: it is shown, but it turns nothing red. */
export interface Expectation extends Looks {
  readonly id: string;
  /** `bug`: should be mended upstream; `by-design`: upstream says that it stays; `limitation`: nobody promised it. */
  readonly kind: 'bug' | 'by-design' | 'limitation';
  readonly title: string;
  readonly link: string;
  readonly property: string;
  readonly phase?: string;
  /** Where it is written; absent for those that come with peft-matrix. */
  readonly file?: string;
}

/** The first expectation that names a failure, or undefined. */
export const matchExpectation = (failure: FailureLike, expectations: readonly Expectation[]): Expectation | undefined =>
  expectations.find(
    (expectation) =>
      expectation.property === failure.property &&
      (expectation.phase === undefined || expectation.phase === failure.phase) &&
      matchesLooks(failure, expectation),
  );

/**
 * True when a cell is one that the expectation speaks of: if none of those that ran failed as it says, it is stale.
 */
export const concernsCell = (expectation: Expectation, config: Config, versions: Versions): boolean =>
  matchesCondition(expectation.config ?? {}, config) && matchesVersions(expectation.versions ?? {}, versions);
