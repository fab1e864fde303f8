import { canonicalConfig, type Config } from '../matrices/config.ts';

/**
 * Whether a config still shows the failure; `unknown` when it could not be asked (its environment broke), which is
 * never taken for a no.
 */
export type Answer = boolean | 'unknown';
export type IsInteresting = (config: Config, signal: AbortSignal) => Promise<Answer>;

/** Asks about each config at most once, several at a time. */
export interface Asker {
  /** The answers in the order of the configs, whatever order they arrive in. */
  readonly ask: (configs: readonly Config[]) => Promise<readonly Answer[]>;
  /** All that was asked so far, in the order of asking. */
  readonly asked: () => readonly { readonly config: Config; readonly interesting: Answer }[];
}

/** The configs in batches of `width`, at least one each. */
export const inBatches = <T>(all: readonly T[], width: number): readonly (readonly T[])[] => {
  const size = Math.max(1, Math.floor(width));
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
};

export const askOnce = (isInteresting: IsInteresting, signal: AbortSignal): Asker => {
  const known = new Map<string, { readonly config: Config; readonly interesting: Answer }>();
  const askOne = async (config: Config): Promise<Answer> => {
    const before = known.get(canonicalConfig(config));
    return before === undefined ? isInteresting(config, signal) : before.interesting;
  };
  const ask: Asker['ask'] = async (configs) => {
    // All of them end before the first error is passed on: nothing is left running behind the caller's back.
    const settled = await Promise.allSettled(configs.map(askOne));
    const answers = settled.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
    for (const [index, config] of configs.entries()) {
      const text = canonicalConfig(config);
      if (!known.has(text)) known.set(text, { config, interesting: answers[index] ?? 'unknown' });
    }
    return answers;
  };
  return { ask, asked: () => [...known.values()] };
};
