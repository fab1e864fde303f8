import { resultsWords } from '../results-words.ts';
import { culpritOf } from '../../reports/night/night-lines.ts';
import type { Night, StandingFailure } from '../../reports/night/night-model.ts';
import { findFailureRecords } from '../failure-record.ts';
import type { PreparedPin } from '../prepare-pins.ts';
import { bisectSuspected, type Answered, type Suspected } from './bisect-news.ts';
import { newsOf } from '../../reports/night/night-news.ts';
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
  const changed = new Set(
    newsOf(night).broke.flatMap(({ change, failure }) => (change === 'changed' ? [failure] : [])),
  );
  const due = dueIn(night).filter(({ failure }) => !answers.has(failure.id));
  if (due.length > 0) options.onEvent({ kind: 'stage-started', stage: 'bisect', total: due.length });
  for (const { failure } of due) {
    const suspected = suspectedOf(failure, changed.has(failure.id), options);
    const answer = await answerOf(suspected, failure.id, options);
    answers.set(failure.id, answer);
    options.onEvent({ kind: 'failure-bisected', id: failure.id, answer: culpritOf(answer) });
  }
  const failures = night.failures.map((standing) => {
    const answer = answers.get(standing.failure.id);
    if (answer === undefined) return standing;
    const { unbisected: _, ...rest } = standing;
    return { ...rest, ...answer };
  });
  return { ...night, failures, finishedAt: new Date().toISOString() };
};

const answerOf = async (suspected: Suspected | string, id: string, options: NewsOptions): Promise<Answered> => {
  if (typeof suspected === 'string') return { unbisected: suspected };
  if (options.stop.aborted) return { unbisected: 'the time of the night was spent' };
  return bisectSuspected(suspected, bisectOptions(id, options));
};

/** What a bisect needs to know, or why there is none. */
const suspectedOf = (
  { id, pins }: StandingFailure['failure'],
  failedOtherwise: boolean,
  { ledger, prepared, last, follows }: NewsOptions,
): Suspected | string => {
  const [record] = findFailureRecords(ledger, id);
  if (record === undefined) return 'the ledger does not know it';
  const shown = prepared.flatMap((pin) => (pin.kind === 'resolved' && pins.includes(pin.pin.id) ? [pin.pin] : []));
  const before = last?.standing.report.failures.find((failure) => failure.id === id)?.pins ?? [];
  // On a pin that shows it already nothing broke.
  const fresh = shown.find((pin) => !before.includes(follows?.get(pin.id) ?? pin.id)) ?? shown[0];
  if (fresh === undefined) return 'no pin of tonight shows it';
  if (fresh.source.kind === 'interpreter') return 'it was found in an environment that was taken as it is';
  return {
    record,
    pin: fresh,
    lock: fresh.source.lock,
    before: last?.locks[follows?.get(fresh.id) ?? fresh.id],
    failedOtherwise,
  };
};

const bisectOptions = (id: string, options: NewsOptions): Parameters<typeof bisectSuspected>[1] => {
  const { catalogue, executor, ledger, resultsPath, interruption, onEvent, stop, releasesOf, locks } = options;
  return {
    catalogue,
    executor,
    ledger,
    resultsPath,
    onEvent,
    interruption: { stop, abort: interruption.abort, [Symbol.dispose]: () => {} },
    replay: `npx peft-matrix bisect ${id}${resultsWords(resultsPath)}`,
    ...(releasesOf === undefined ? {} : { releasesOf }),
    ...(locks === undefined ? {} : { locks }),
  };
};
