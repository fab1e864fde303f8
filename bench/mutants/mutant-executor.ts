import type { Executor } from '../../containers/executor.ts';
import type { ResolvedPin } from '../../matrices/pin.ts';
import type { Nursery, Order } from './nursery.ts';

/** A pin for a PEFT with a fault, or with none; its environment is the nurseries' own. */
export const mutantPin = (id: string, python: string): ResolvedPin => ({
  id,
  device: 'cpu',
  source: { kind: 'interpreter', path: python },
});

/**
 * Opens probes of one kind of PEFT. First and second runs of a cell are told apart by their seed of hashes, and each has
 * a nursery of its own: the seed is set when a process begins.
 */
export const mutantExecutor = (nurseries: readonly Nursery[], order: Order, parallel: number): Executor => ({
  kind: 'local',
  parallel,
  open: (pin, { cold, hashSeed }) => {
    const nursery = nurseries[hashSeed];
    if (pin.source.kind !== 'interpreter' || cold || nursery === undefined) {
      return Promise.resolve({ kind: 'broken', reason: `no nursery has ${pin.id} with the seed ${hashSeed}` });
    }
    return nursery.open(order);
  },
});
