import { matchesLooks, type FailureLike, type Looks } from './failure-looks.ts';

/** An exception that PEFT raises on purpose: the cell is `unsupported`, not failed. */
export interface Refusal extends Looks {
  readonly id: string;
  /** In plain words, for the report. */
  readonly because: string;
  readonly link?: string;
  readonly exceptions: readonly string[];
  readonly words: readonly string[];
}

/** The first refusal that explains an exception, or undefined. */
export const matchRefusal = (
  failure: Omit<FailureLike, 'property' | 'phase'>,
  refusals: readonly Refusal[],
): Refusal | undefined => refusals.find((refusal) => matchesLooks(failure, refusal));
