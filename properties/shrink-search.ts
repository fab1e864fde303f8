import type { Config } from '../matrices/config.ts';
import { type Answer, type Asker, askOnce, inBatches, type IsInteresting } from './ask-once.ts';

export interface ShrinkOptions {
  /** What to try next to a config; single-field simplifications, as a rule. Those that are not smaller are left out. */
  readonly candidates: (config: Config) => readonly Config[];
  /** Bold candidates, tried before all others as long as one of them is interesting. @defaultValue none */
  readonly leaps?: (config: Config) => readonly Config[];
  /** A total order, smallest first. */
  readonly compare: (left: Config, right: Config) => number;
  readonly isInteresting: IsInteresting;
  /** How many candidates run at once. The minimum does not depend on it; what is tried on the way does. */
  readonly width: number;
  /** When it is aborted, the running batch is awaited and the best config so far is given back, not proven. */
  readonly signal: AbortSignal;
}

export interface Shrunk {
  readonly minimal: Config;
  /** True when every candidate of `minimal` ran and was refused. */
  readonly isProven: boolean;
  /** Every config that was asked about, once, in the order of asking; `start` is not among them. */
  readonly tried: readonly { readonly config: Config; readonly interesting: Answer }[];
  /** The interesting configs on the way down, from the first after `start` to `minimal`. */
  readonly steps: readonly Config[];
}

/**
 * Walks down from `start`, which is interesting, to a config none of whose candidates is.
 *
 * The candidates of a config run smallest first, `width` at a time; of a batch the smallest interesting one wins, in
 * whatever order the answers arrive. The way down is that of a sequential search, for every width.
 *
 * @throws whatever `isInteresting` throws, after the rest of its batch has ended
 */
export const shrinkSearch = async (start: Config, options: ShrinkOptions): Promise<Shrunk> => {
  const asker = askOnce(options.isInteresting, options.signal);
  const steps: Config[] = [];
  let isProven = false;
  for (const candidates of [options.leaps, options.candidates]) {
    for (;;) {
      const current = steps.at(-1) ?? start;
      const found = await smallestInteresting(current, candidates?.(current) ?? [], options, asker);
      isProven = found.isExhausted;
      if (found.config === undefined) break;
      steps.push(found.config);
    }
  }
  return { minimal: steps.at(-1) ?? start, isProven, tried: asker.asked(), steps };
};

interface Found {
  readonly config: Config | undefined;
  /** Every candidate ran and was refused. */
  readonly isExhausted: boolean;
}

const smallestInteresting = async (
  current: Config,
  candidates: readonly Config[],
  options: ShrinkOptions,
  asker: Asker,
): Promise<Found> => {
  const smaller = candidates.filter((candidate) => options.compare(candidate, current) < 0).toSorted(options.compare);
  let isExhausted = true;
  for (const batch of inBatches(smaller, options.width)) {
    if (options.signal.aborted) return { config: undefined, isExhausted: false };
    const answers = await asker.ask(batch);
    const config = batch.find((_, index) => answers[index] === true);
    if (config !== undefined) return { config, isExhausted: false };
    isExhausted &&= !answers.includes('unknown');
  }
  return { config: undefined, isExhausted };
};
