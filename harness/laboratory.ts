import type { CellRequest } from '../containers/cell-request.ts';
import type { Arguments, Model } from '../matrices/adapter.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import type { Config } from '../matrices/config.ts';
import { resolveAdapter, resolveModel } from '../matrices/resolve-adapter.ts';
import type { BaselineOf } from './baseline.ts';
import type { Cell, ReadyPin } from './cell.ts';
import type { Attempt } from './ledger.ts';
import type { Run } from './run-cell.ts';
import { lifeOf } from '../properties/life.ts';
import { subjectOf } from './subject.ts';

/** What it takes to put a question to a pin: the data, and the two ways to an answer. */
export interface Laboratory {
  readonly catalogue: Catalogue;
  /** Kind of executor; part of every key. */
  readonly executor: string;
  /** From the ledger, else by running. */
  readonly run: Run;
  /** From the ledger alone. */
  readonly lookUp: Run;
  /** The pin that a pin's numbers are compared with across releases, if the campaign has one. */
  readonly baselineOf: BaselineOf;
  /** Ends what is running. */
  readonly abort: AbortSignal;
}

/**
 * How every cell trains. Small enough that a cell costs a fraction of a second, large enough that sharded tensors are
 * uneven and three updates differ from one. Plain SGD: Adam hides errors of scale.
 */
const training = {
  seed: 0,
  steps: 3,
  learningRate: 0.1,
  batch: 4,
  sequence: 8,
  phaseDeadlineMs: 60_000,
  graceMs: 3_000,
} satisfies Partial<CellRequest>;

/** Ranks of a sharded cell. Two show every kind of sharding bug that a CPU can show. */
const shardedRanks = 2;

/** So many processes train a config. */
export const ranksOf = (config: Config): number => (config['sharding'] === 'none' ? 1 : shardedRanks);

/**
 * An adapter beside one that trains whole modules trains others, or none: saving and switching between the two is where they
 * get mixed up.
 */
const secondOf = (
  given: Arguments,
  model: Model,
  config: Config,
): Pick<NonNullable<CellRequest['adapter']>, 'second'> => {
  if (given['modules_to_save'] == null) return {};
  const others = config['modules_to_save'] === 'head' ? model.means['modules_to_save']?.['norm'] : undefined;
  return { second: { ...given, modules_to_save: others ?? null } };
};

/** The cell that asks a pin about a config. */
export const cellOf = (
  { catalogue, executor }: Pick<Laboratory, 'catalogue' | 'executor'>,
  ready: ReadyPin,
  config: Config,
  attempt: Attempt,
): Cell => {
  const { versions, device } = ready.hello;
  const subject = subjectOf(catalogue, config, versions);
  const { adapter, model } = subject;
  const resolved = resolveAdapter(adapter, model, config, versions);
  const request: CellRequest = {
    ...training,
    ...lifeOf(subject),
    learningRate: Number(config['learning_rate'] ?? training.learningRate),
    config,
    model: { ...resolveModel(model) },
    adapter: resolved === null ? null : { ...resolved, ...secondOf(resolved.arguments, model, config) },
    ranks: ranksOf(config),
    device,
  };
  const host = `${process.platform}-${process.arch}`;
  return { ready, config, attempt, request, identity: { request, versions, executor, host } };
};
