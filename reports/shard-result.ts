import type { Outcome } from './outcome.ts';
import { countOf } from './text/count.ts';

/** What became of one part of a campaign. It judges nothing: what its cells are compared with may be in another part. */
export interface ShardResult {
  readonly campaign: string;
  /** Part `index`, from 1, of `of` parts. */
  readonly index: number;
  readonly of: number;
  /** Ids of the pins on which it has runs. */
  readonly pins: readonly string[];
  /** Runs of this part, and of the whole campaign. */
  readonly runs: number;
  readonly planned: number;
  /** Cells that were run; one that is broken is run twice. */
  readonly ran: number;
  /** Runs that the ledger held already. */
  readonly reused: number;
  /** Runs that gave no observation, by the reason. */
  readonly broken: Readonly<Record<string, number>>;
  readonly skipped: Readonly<Record<string, number>>;
  /** Pins that could not be asked at all, and why: the plan has no cells of theirs. */
  readonly brokenPins: Readonly<Record<string, string>>;
  readonly isInterrupted: boolean;
}

/** The exit code of a part: whether it was run to its end; a failure in it is none, for it is judged elsewhere. */
export const shardOutcome = ({ broken, skipped, brokenPins, isInterrupted }: ShardResult): Outcome => {
  const pins = Object.keys(brokenPins).length;
  const verdicts = [
    ...(isInterrupted ? [{ exitCode: 130, reason: 'interrupted; the same command goes on from here' } as const] : []),
    ...(pins > 0 ? [{ exitCode: 3, reason: `${countOf(pins, 'pin')} could not be asked` } as const] : []),
    ...(sum(broken) > 0 ? [{ exitCode: 3, reason: `${countOf(sum(broken), 'run')} could not be asked` } as const] : []),
    ...(sum(skipped) > 0 && !isInterrupted
      ? [{ exitCode: 4, reason: `${countOf(sum(skipped), 'run')} left; results are kept` } as const]
      : []),
  ];
  return { exitCode: verdicts[0]?.exitCode ?? 0, reasons: verdicts.map(({ reason }) => reason) };
};

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
