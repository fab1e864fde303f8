import * as fc from 'fast-check';

import type { Axis } from '../matrices/axis.ts';
import { matchesCondition } from '../matrices/condition.ts';
import type { AxisValue, Config } from '../matrices/config.ts';
import { InputError } from '../matrices/errors.ts';
import { type Feasible, rowCompleter } from './complete-row.ts';
import { isSettled, simplifications } from './config-space.ts';
import { indexed } from './indexed.ts';
import { digits } from './numbers-towards.ts';
import { absent, configOfRow, indexSpace } from './indexed-space.ts';

/**
 * Feasible configs with values of the `listed` axes.
 *
 * Shrinks to every feasible config that is simpler on one field, in the order of the axes, simplest value first, and
 * needs no context to do so: any stored config can be shrunk on another day. Shrinking uses all values of `axes`, also
 * simpler ones that are not listed.
 *
 * Generating throws an `InputError` when there is no feasible config, or none is found.
 *
 * @param axes - the whole axes
 * @param listed - the same axes with the values to generate, see `matrixAxes`
 */
export const configArbitrary = (
  axes: readonly Axis[],
  feasible: Feasible,
  listed: readonly Axis[] = axes,
): fc.Arbitrary<Config> => new ConfigArbitrary(axes, feasible, listed);

/** Enough for every space in which one config of fifty is feasible; rarer ones are searched for. */
const drawsBeforeSearch = 200;

class ConfigArbitrary extends fc.Arbitrary<Config> {
  readonly #axes: readonly Axis[];
  readonly #feasible: Feasible;
  readonly #listed: readonly Axis[];
  readonly #search: (mrng: fc.Random) => Config;

  constructor(axes: readonly Axis[], feasible: Feasible, listed: readonly Axis[]) {
    super();
    this.#axes = axes;
    this.#feasible = feasible;
    this.#listed = listed;
    this.#search = searchFor(listed, feasible);
  }

  override generate(mrng: fc.Random, biasFactor: number | undefined): fc.Value<Config> {
    for (let draw = 0; draw < drawsBeforeSearch; draw++) {
      const config = this.#draw(mrng, biasFactor);
      if (this.#feasible(config)) return new fc.Value(config, undefined);
    }
    return new fc.Value(this.#search(mrng), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Config {
    return isSettled(this.#axes, value) && this.#feasible(value);
  }

  override shrink(config: Config): fc.Stream<fc.Value<Config>> {
    const simpler = simplifications(this.#axes, config).filter((candidate) => this.#feasible(candidate));
    return fc.Stream.of(...simpler.map((candidate) => new fc.Value(candidate, undefined)));
  }

  #draw(mrng: fc.Random, biasFactor: number | undefined): Config {
    const config: Record<string, AxisValue> = {};
    for (const axis of this.#listed) {
      if (matchesCondition(axis.applies ?? {}, config)) config[axis.name] = drawValue(axis, mrng, biasFactor);
    }
    return config;
  }
}

/** Where the axis has a range, every second value is any number of it. */
const drawValue = ({ values, numbers }: Axis, mrng: fc.Random, biasFactor: number | undefined): AxisValue => {
  if (numbers === undefined || mrng.nextInt(0, 1) === 0) return indexed(values).generate(mrng, biasFactor).value;
  const { from, to, integer } = numbers;
  if (integer) return fc.integer({ min: from, max: to }).generate(mrng, biasFactor).value;
  const drawn = fc.double({ min: from, max: to, noNaN: true }).generate(mrng, undefined).value;
  return Math.min(to, Math.max(from, Number(drawn.toPrecision(digits))));
};

/** Finds a feasible config however rare it is, or proves that there is none. */
const searchFor = (axes: readonly Axis[], feasible: Feasible): ((mrng: fc.Random) => Config) => {
  const space = indexSpace(axes);
  const { complete } = rowCompleter(space, feasible);
  return (mrng) => {
    const row = complete(
      axes.map(() => absent),
      (bound) => mrng.nextInt(0, bound - 1),
    );
    if (typeof row !== 'string') return configOfRow(space, row);
    throw new InputError(
      `${row === 'impossible' ? 'No config is feasible' : 'No feasible config was found'} among the values of the axes ` +
        `${axes.map(({ name, values }) => `${name} (${values.join(', ')})`).join(', ')}; list more values or lift a rule`,
    );
  };
};
