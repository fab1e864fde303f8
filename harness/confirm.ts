import { allProperties } from '../properties/all.ts';
import type { OnEvent } from '../reports/events.ts';
import type { FoundFailure } from './find-failures.ts';
import { judgeConfig } from './judge-config.ts';
import type { Laboratory } from './laboratory.ts';

/** A failure and what a second run of its minimal cell said. */
export interface ConfirmedFailure extends FoundFailure {
  /** `no`: the second run came to something else; such a failure is flaky. */
  readonly confirmed: 'yes' | 'no' | 'not-run';
}

/**
 * Runs the minimal cell of every failure once more, in processes that imported nothing beforehand: what only shows in
 * forks of a warm process would be our fault, not PEFT's.
 */
export const confirmFailures = async (
  failures: readonly FoundFailure[],
  laboratory: Laboratory,
  stop: AbortSignal,
  onEvent: OnEvent,
): Promise<readonly ConfirmedFailure[]> => {
  if (failures.length > 0) onEvent({ kind: 'stage-started', stage: 'confirm', total: failures.length });
  return Promise.all(
    failures.map(async (failure) => ({ ...failure, confirmed: await confirm(failure, laboratory, stop) })),
  );
};

const confirm = async (
  { minimal }: FoundFailure,
  laboratory: Laboratory,
  stop: AbortSignal,
): Promise<ConfirmedFailure['confirmed']> => {
  // Nothing runs in a pin that cannot be imported, or for a class that is not there: there is nothing to run twice.
  if (minimal.signature.phase === 'import' || minimal.signature.exception === 'Removed') return 'yes';
  try {
    const { verdict, violations } = await judgeConfig(laboratory, minimal.ready, minimal.config, {
      properties: allProperties.filter(({ id }) => id === minimal.signature.property),
      by: laboratory.run,
      attempt: { number: 0, cold: true },
    });
    if (verdict.kind === 'broken') return 'not-run';
    return violations.some(({ signatureId }) => signatureId === minimal.signatureId) ? 'yes' : 'no';
  } catch (error) {
    if (stop.aborted) return 'not-run';
    throw error;
  }
};
