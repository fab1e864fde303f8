import type { Config } from '../matrices/config.ts';
import { normalise } from '../matrices/normalise.ts';
import { allProperties } from '../properties/all.ts';
import type { ConfirmedFailure } from './confirm.ts';
import { judgeConfig, type Judged } from './judge-config.ts';
import type { Laboratory } from './laboratory.ts';

/** What one half of a config came to without the other. */
interface Stage {
  readonly verdict: Judged['verdict']['kind'];
  /** Ids of the properties that it violates. */
  readonly violates: readonly string[];
}

/** The stages of a failure of adapter and sharding together: each of them alone. */
interface Stages {
  readonly adapter: Stage;
  readonly sharding: Stage;
}

export interface StagedFailure extends ConfirmedFailure {
  /** Only where the minimal config both adapts and shards. */
  readonly stages?: Stages;
}

/**
 * "DoRA alone passes, FSDP alone passes, together they fail" is what people want to know of a failure: runs both halves of
 * its minimal config, on the pin where that was had.
 */
export const judgeStages = async (
  failure: ConfirmedFailure,
  laboratory: Laboratory,
  stop: AbortSignal,
): Promise<StagedFailure> => {
  const { ready, config } = failure.minimal;
  if (!isTogether(config)) return failure;
  const judge = async (change: Config): Promise<Stage> => {
    const half = normalise(laboratory.catalogue.axes, { ...config, ...change });
    const { verdict, violations } = await judgeConfig(laboratory, ready, half, {
      properties: allProperties,
      by: laboratory.run,
    });
    return { verdict: verdict.kind, violates: [...new Set(violations.map(({ signature }) => signature.property))] };
  };
  try {
    const [adapter, sharding] = await Promise.all([judge({ sharding: 'none' }), judge({ adapter: 'none' })]);
    return { ...failure, stages: { adapter, sharding } };
  } catch (error) {
    if (stop.aborted) return failure;
    throw error;
  }
};

const isTogether = ({ adapter = 'none', sharding = 'none' }: Config): boolean =>
  adapter !== 'none' && sharding !== 'none';
