import { summarise, type Summary } from './statistics.ts';

/** One of the sides that are compared: does its work once and returns what a cell cost, in milliseconds. */
export type Side = () => Promise<number>;

/**
 * Measures all sides in turn, round after round (A B A B), so that whatever else the machine does meets them all alike.
 * A round before the first warms everything up and does not count.
 */
export const interleave = async <Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  rounds: number,
  onRound: (round: number) => void,
): Promise<Readonly<Record<Name, Summary>>> => {
  const names = Object.keys(sides) as Name[];
  const measured = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    onRound(round);
    for (const name of names) {
      const ms = await sides[name]();
      if (round > 0) measured.get(name)?.push(ms);
    }
  }
  return Object.fromEntries(names.map((name) => [name, summarise(measured.get(name) ?? [])])) as Record<Name, Summary>;
};
