import type { Reference, Subject } from './property.ts';

/**
 * The same training in one process. Axes that then no longer apply are dropped when the reference is planned: see
 * `requiredReferences`.
 */
export const unshardedReference = ({ config }: Subject): Readonly<Record<'unsharded', Reference>> => ({
  unsharded: { config: { ...config, sharding: 'none' }, attempt: 0 },
});

/**
 * The same training in one process and in float32 throughout. Whoever compares with it asks for the same config, so that
 * it is one run.
 */
export const exactReference = ({ config }: Subject): Readonly<Record<'exact', Reference>> => ({
  exact: { config: { ...config, sharding: 'none', precision: 'fp32' }, attempt: 0 },
});

/** True when the config shards at all: an unsharded cell is its own reference. */
export const isDistributed = ({ config }: Subject): boolean =>
  config['sharding'] !== undefined && config['sharding'] !== 'none';

/** True for an adapter of PEFT on one process, where every usage can be tried. */
export const isAdapterAlone = (subject: Subject): boolean =>
  subject.adapter.configClass !== null && !isDistributed(subject);

/** True when the same seed gives the same numbers, so that a run can be compared with one of another kind. */
export const isComparable = ({ adapter }: Subject): boolean => adapter.promises.deterministic;
