/** Why no more cells begin. */
export class StoppedError extends Error {
  readonly reason: 'interrupted' | 'budget';
  constructor(reason: 'interrupted' | 'budget') {
    super(reason === 'interrupted' ? 'interrupted' : 'the time of the budget is spent');
    this.reason = reason;
  }
}

/** Two signals: `stop` begins nothing new, `abort` also ends what is running. */
export interface Interruption extends Disposable {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

/**
 * Ctrl-C (or SIGTERM) once stops, twice aborts.
 *
 * A process that was stopped is on its way out, and what it ends with is settled: a signal that comes while the last things are
 * put away must not kill it instead. So after the first one they are listened to until the end, and the end is `process.exit`:
 * a Node whose event loop has run dry takes its handlers off one by one, and dies of a signal that comes then.
 */
export const interruptible = (onStop: () => void): Interruption => {
  const stop = new AbortController();
  const abort = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) return abort.abort(new StoppedError('interrupted'));
    stop.abort(new StoppedError('interrupted'));
    process.once('beforeExit', () => process.exit());
    onStop();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    stop: stop.signal,
    abort: abort.signal,
    [Symbol.dispose]: () => {
      if (!stop.signal.aborted) process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    },
  };
};

/** For work that is too short to interrupt. */
export const neverAborted: AbortSignal = new AbortController().signal;
