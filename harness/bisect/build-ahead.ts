/** Builds what the next round may need while the current one runs. */
export interface BuildAhead extends AsyncDisposable {
  /** A round begins: what it asks, and what the next may ask, likeliest first. */
  readonly onRound: (now: readonly number[], next: readonly number[]) => void;
  /** Builds what a candidate of this round needs, or waits for it if that is under way. */
  readonly build: (index: number) => Promise<void>;
}

/** How many candidates of the next round are built ahead: environments take room, and most are never asked. */
const ahead = 3;

/**
 * One is built ahead at a time, and not before all of the current round are built: those must not wait for it. What the
 * next round does not need is given up when that begins.
 *
 * @param build - Builds what a candidate needs, or says at once that it is there; its signal gives it up.
 */
export const buildAhead = (build: (index: number, signal: AbortSignal) => Promise<void>): BuildAhead => {
  const underWay = new Map<number, { readonly done: Promise<void>; readonly give: AbortController }>();
  let missing = new Set<number>();
  let next: readonly number[] = [];

  const begin = (index: number): Promise<void> => {
    const known = underWay.get(index);
    if (known !== undefined && !known.give.signal.aborted) return known.done;
    const give = new AbortController();
    // One that was given up has to be out of the way first.
    const ended = known?.done.catch(() => {}) ?? Promise.resolve();
    const done = ended
      .then(() => build(index, give.signal))
      .finally(() => {
        if (underWay.get(index)?.give === give) underWay.delete(index);
      });
    underWay.set(index, { done, give });
    return done;
  };
  const goAhead = async (round: readonly number[]): Promise<void> => {
    for (const index of round.slice(0, ahead)) {
      // Another round has begun meanwhile.
      if (round !== next) return;
      // Whatever is wrong is told when the candidate is asked.
      await begin(index).catch(() => {});
    }
  };

  return {
    onRound: (now, coming) => {
      missing = new Set(now);
      next = coming;
      for (const [index, { give }] of underWay) if (!missing.has(index)) give.abort(new Error('not needed'));
    },
    build: async (index) => {
      await begin(index);
      missing.delete(index);
      if (missing.size === 0) void goAhead(next);
    },
    [Symbol.asyncDispose]: async () => {
      next = [];
      const left = [...underWay.values()];
      for (const { give } of left) give.abort(new Error('not needed'));
      await Promise.allSettled(left.map(({ done }) => done));
    },
  };
};
