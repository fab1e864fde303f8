import { canonicalConfig } from '../../matrices/config.ts';
import { normalise } from '../../matrices/normalise.ts';
import type { ResolvedPin } from '../../matrices/pin.ts';
import type { FailureChange } from '../../reports/diff/diff-model.ts';
import { culpritOf } from '../../reports/night/night-lines.ts';
import type { Night, StandingFailure } from '../../reports/night/night-model.ts';
import { newsOf } from '../../reports/night/night-news.ts';
import { findFailureRecords, recordElsewhere } from '../failure-record.ts';
import type { PreparedPin } from '../prepare-pins.ts';
import { bisectSuspected, type Answered, type Suspected } from './bisect-news.ts';
import { dueIn } from './due-in.ts';
import type { GoodNight } from './night-store.ts';
import type { NightOptions } from './night-options.ts';

interface NewsOptions extends NightOptions {
  readonly last: GoodNight | undefined;
  readonly prepared: readonly PreparedPin[];
  readonly follows: ReadonlyMap<string, string> | undefined;
  /** Ends what is under way when the time is spent. */
  readonly stop: AbortSignal;
  /** What was answered already tonight, by failure; what is answered now is added. */
  readonly answers: Map<string, Answered>;
}

/**
 * The night with the culprits of what broke and of what was found, as far as the time goes. What it has no time for, the next
 * night takes up.
 */
export const explainNews = async (night: Night, options: NewsOptions): Promise<Night> => {
  const { answers } = options;
  const due = dueIn(night).filter(({ failure }) => !answers.has(failure.id));
  if (due.length > 0) options.onEvent({ kind: 'stage-started', stage: 'bisect', total: due.length });
  const { broke } = newsOf(night);
  for (const standing of due) {
    const { id } = standing.failure;
    const change = broke.find(({ failure }) => failure === id);
    const answer = await answerOf(standing, change, options);
    answers.set(id, answer);
    options.onEvent({ kind: 'failure-bisected', id, answer: culpritOf(answer) });
  }
  const failures = night.failures.map((standing) => {
    const answer = answers.get(standing.failure.id);
    if (answer === undefined) return standing;
    // What brought it on an earlier night is no answer to what brought it tonight.
    const { unbisected: _, bisect: _earlier, ...rest } = standing;
    return { ...rest, ...answer };
  });
  return { ...night, failures, finishedAt: new Date().toISOString() };
};

const answerOf = async (
  { failure }: StandingFailure,
  change: FailureChange | undefined,
  options: NewsOptions,
): Promise<Answered> => {
  const suspected = suspectedOf(failure, change, options);
  if (typeof suspected === 'string') return { unbisected: suspected };
  if (options.stop.aborted) return { unbisected: 'the time of the night was spent' };
  return bisectSuspected(suspected, bisectOptions(options));
};

/** What a bisect needs to know, or why there is none. */
const suspectedOf = (
  { id, pins }: StandingFailure['failure'],
  change: FailureChange | undefined,
  options: NewsOptions,
): Suspected | string => {
  const { catalogue, ledger, prepared, last, follows } = options;
  const [record] = findFailureRecords(ledger, id);
  if (record === undefined) return 'the ledger does not know it';
  const pinOf = (names: readonly string[]): ResolvedPin | undefined =>
    prepared.flatMap((pin) => (pin.kind === 'resolved' && names.includes(pin.pin.id) ? [pin.pin] : []))[0];
  const pin = pinOf(change?.pins ?? []) ?? pinOf(pins);
  if (pin === undefined) return 'no pin of tonight shows it';
  if (pin.source.kind === 'interpreter') return 'it was found in an environment that was taken as it is';
  const example = change?.example === undefined ? undefined : normalise(catalogue.axes, change.example);
  const isMinimal = example === undefined || canonicalConfig(example) === canonicalConfig(record.config);
  return {
    records: [{ ...record, pin }, ...(isMinimal ? [] : [recordElsewhere(ledger, record, pin, example)])],
    lock: pin.source.lock,
    before: last?.locks[follows?.get(pin.id) ?? pin.id],
    failedOtherwise: change?.change === 'changed',
  };
};

const bisectOptions = (options: NewsOptions): Parameters<typeof bisectSuspected>[1] => {
  const { catalogue, executor, ledger, resultsPath, interruption, onEvent, stop, releasesOf, locks } = options;
  return {
    catalogue,
    executor,
    ledger,
    resultsPath,
    onEvent,
    interruption: { stop, abort: interruption.abort, [Symbol.dispose]: () => {} },
    ...(releasesOf === undefined ? {} : { releasesOf }),
    ...(locks === undefined ? {} : { locks }),
  };
};
