import type { Reference, Subject } from './property.ts';

/**
 * The same training in one process. Axes that then no longer apply are dropped when the reference is planned: see
 * `requiredReferences`.
 */
export const unshardedReference = ({ config }: Subject): Readonly<Record<'unsharded', Reference>> => ({
  unsharded: { config: { ...config, sharding: 'none' }, attempt: 0 },
});

/** True when the config shards at all: an unsharded cell is its own reference. */
export const isDistributed = ({ config }: Subject): boolean =>
  config['sharding'] !== undefined && config['sharding'] !== 'none';
