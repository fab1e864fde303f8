import type { Numbers } from '../matrices/axis.ts';

/**
 * Numbers between the simplest one and `value`, nearest to the simplest first: halves of the way, so that some dozen tries
 * end beside the boundary. Numbers that are not whole have three significant digits, and so they come to an end too.
 */
export const numbersTowards = (simplest: number, value: number, { integer }: Numbers): readonly number[] => {
  const found: number[] = [];
  for (let way = (value - simplest) / 2; found.length < mostSteps; way /= 2) {
    const number = integer ? value - Math.trunc(way) : Number((value - way).toPrecision(digits));
    if (number === value || found.at(-1) === number) break;
    if (number !== simplest) found.push(number);
  }
  return found;
};

/** Significant digits of a number that is not whole: what a person would write. */
export const digits = 3;

/** Halving ends before, for every number that a configuration has. */
const mostSteps = 40;
