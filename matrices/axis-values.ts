import type { Axis } from './axis.ts';

/** True when the axis can take the value: one that it lists, or a number within its range. */
export const canTake = ({ values, numbers }: Axis, value: unknown): boolean =>
  values.some((known) => known === value) ||
  (numbers !== undefined &&
    typeof value === 'number' &&
    value >= numbers.from &&
    value <= numbers.to &&
    (!numbers.integer || Number.isInteger(value)));

/** What the axis can take, in words: `4, 1, 8`, or `4, 1, 8, or any whole number from 1 to 16`. */
export const describeValues = ({ values, numbers }: Axis): string => {
  const listed = values.map(String).join(', ');
  if (numbers === undefined) return listed;
  return `${listed}, or any ${numbers.integer ? 'whole number' : 'number'} from ${numbers.from} to ${numbers.to}`;
};
