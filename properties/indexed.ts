import * as fc from 'fast-check';

import type { AxisValue } from '../matrices/config.ts';

/**
 * One of `values`, which are distinct and come simplest first.
 *
 * Unlike `fc.constantFrom` it shrinks to every earlier value, simplest first, and needs no context to do so: a value that
 * was stored can be shrunk on another day. Under bias it prefers the later, rarer values.
 */
export const indexed = <T extends AxisValue>(values: readonly T[]): fc.Arbitrary<T> => new IndexedArbitrary(values);

class IndexedArbitrary<T extends AxisValue> extends fc.Arbitrary<T> {
  readonly #simplest: T;
  readonly #values: readonly T[];

  constructor(values: readonly T[]) {
    super();
    const [simplest] = values;
    if (simplest === undefined) throw new RangeError('indexed() needs at least one value');
    this.#simplest = simplest;
    this.#values = values;
  }

  override generate(mrng: fc.Random, biasFactor: number | undefined): fc.Value<T> {
    return new fc.Value(this.#values[this.#index(mrng, biasFactor)] ?? this.#simplest, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is T {
    return this.#values.some((known) => known === value);
  }

  override shrink(value: T): fc.Stream<fc.Value<T>> {
    const earlier = this.#values.slice(0, Math.max(0, this.#values.indexOf(value)));
    return fc.Stream.of(...earlier.map((simpler) => new fc.Value(simpler, undefined)));
  }

  #index(mrng: fc.Random, biasFactor: number | undefined): number {
    const last = this.#values.length - 1;
    const index = mrng.nextInt(0, last);
    const isBiased = biasFactor !== undefined && mrng.nextInt(1, biasFactor) === 1;
    return isBiased ? Math.max(index, mrng.nextInt(0, last)) : index;
  }
}
