import type { ConfirmedFailure } from './confirm.ts';
import { violationName } from './find-failures.ts';
import type { Judged } from './judge-config.ts';

/** Cells all of whose failures a second run did not show are flaky. */
export const withoutUnconfirmed = ({
  judged,
  failures,
}: {
  readonly judged: readonly Judged[];
  readonly failures: readonly ConfirmedFailure[];
}): readonly Judged[] => {
  const unconfirmed = new Set(
    failures.filter(({ confirmed }) => confirmed === 'no').flatMap(({ cells }) => cells.map(violationName)),
  );
  return judged.map((cell) =>
    cell.violations.length > 0 && cell.violations.every((violation) => unconfirmed.has(violationName(violation)))
      ? { ...cell, verdict: { kind: 'flaky', reason: 'a second run did not show it' } }
      : cell,
  );
};
