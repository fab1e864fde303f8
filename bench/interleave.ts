import { summarise, type Summary } from './statistics.ts';

/** One of the sides that are compared. */
export interface Side {
  /** Does its work once; returns what a cell cost, in milliseconds. */
  readonly work: () => Promise<number>;
  readonly measured: number[];
}

export const side = (work: Side['work']): Side => ({ work, measured: [] });

/** What a side came to. */
export const summaryOf = ({ measured }: Side): Summary => summarise(measured);

/**
 * Measures all sides in turn, round after round (A B A B), so that whatever else the machine does meets them all alike.
 * A round before the first warms everything up and does not count.
 */
export const interleave = async (
  sides: readonly Side[],
  rounds: number,
  onRound: (round: number) => void,
): Promise<void> => {
  for (let round = 0; round <= rounds; round++) {
    onRound(round);
    for (const { work, measured } of sides) {
      const ms = await work();
      if (round > 0) measured.push(ms);
    }
  }
};
