import type { Axis } from '../matrices/axis.ts';
import type { AxisValue, Config } from '../matrices/config.ts';
import { normalise } from '../matrices/normalise.ts';
import { askOnce, inBatches, type IsInteresting } from './ask-once.ts';
import type { Feasible } from './complete-row.ts';
import { fieldsAwayFromDefault } from './config-space.ts';

export interface FieldsOptions {
  readonly axes: readonly Axis[];
  readonly feasible: Feasible;
  readonly isInteresting: IsInteresting;
  /** How many configs run at once. */
  readonly width: number;
  /** When it is aborted, no further field is asked about, and those that were not are left out. */
  readonly signal: AbortSignal;
}

/**
 * For every field of `minimal` that is away from its default: the values that fail in the same way, everything else
 * held, in the order of the axis.
 *
 * `minimal` itself is taken as failing and not asked about. A value that is not feasible, or could not be asked about, is
 * left out. Fields that only apply with the value that changes take their defaults.
 */
export const whichValuesFail = async (
  minimal: Config,
  options: FieldsOptions,
): Promise<Readonly<Record<string, readonly AxisValue[]>>> => {
  const { ask } = askOnce(options.isInteresting, options.signal);
  const fails: Record<string, readonly AxisValue[]> = {};
  const fields = fieldsAwayFromDefault(options.axes, minimal);
  for (const axis of options.axes.filter(({ name }) => fields.includes(name))) {
    const failing: AxisValue[] = [];
    const others = otherValues(minimal, axis, options);
    for (const batch of inBatches(others, options.width)) {
      if (options.signal.aborted) return fails;
      const answers = await ask(batch.map(({ config }) => config));
      failing.push(...batch.filter((_, index) => answers[index] === true).map(({ value }) => value));
    }
    const own = minimal[axis.name];
    fails[axis.name] = axis.values.filter((value) => value === own || failing.includes(value));
  }
  return fails;
};

const otherValues = (
  minimal: Config,
  axis: Axis,
  { axes, feasible }: FieldsOptions,
): readonly { readonly value: AxisValue; readonly config: Config }[] =>
  axis.values
    .filter((value) => value !== minimal[axis.name])
    .map((value) => ({ value, config: normalise(axes, { ...minimal, [axis.name]: value }) }))
    .filter(({ config }) => feasible(config));
