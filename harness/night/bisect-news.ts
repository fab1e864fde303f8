import { PeftMatrixError } from '../../matrices/errors.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { Bisect } from '../../reports/bisect-model.ts';
import { bisectFailure, type BisectOptions } from '../bisect/bisect-failure.ts';
import { treePlanOf, type BisectPlan } from '../bisect/run-bisect.ts';
import type { FailureRecord } from '../failure-record.ts';
import { StoppedError } from '../interruption.ts';
import { resultsWords } from '../results-words.ts';

/** A failure whose culprit is asked for. */
export interface Suspected {
  /**
   * What to ask for, in this order, on a pin of tonight that shows it: the failure at its minimal config, and at a cell that was
   * without it the night before. The minimal one may be older news.
   */
  readonly records: readonly FailureRecord[];
  /** Of that pin. */
  readonly lock: Lock;
  /** The lock of the pin that did not, where there was one. */
  readonly before: Lock | undefined;
  /** The same cells failed in another way: where nothing is without it, what changed what fails is the answer. */
  readonly failedOtherwise: boolean;
}

/** What came of it: the bisect, or why there is none. */
export type Answered = { readonly bisect: Bisect } | { readonly unbisected: string };

/**
 * Looks for what brought a failure. On a branch of a package, among its commits since the release. Where PEFT moved, among its
 * releases with all else held as it is tonight; where that is no answer, or PEFT stayed, among the packages that moved.
 */
export const bisectSuspected = async (
  suspected: Suspected,
  options: Omit<BisectOptions, 'replay' | 'maskedAsGood'>,
): Promise<Answered> => {
  const { records, failedOtherwise } = suspected;
  const answers: Answered[] = [];
  for (const question of failedOtherwise ? [{}, { maskedAsGood: true as const }] : [{}]) {
    for (const record of records) {
      const replay = `npx peft-matrix bisect ${record.id}${resultsWords(options.resultsPath)}`;
      for (const plan of plansFor(record, suspected)) {
        const answer = await tryPlan(plan, record, { ...options, ...question, replay });
        answers.push(answer);
        if ('bisect' in answer && answer.bisect.culprits.length > 0) return answer;
      }
    }
  }
  return answers.at(-1) ?? { unbisected: 'no package that is locked has moved' };
};

const plansFor = (record: FailureRecord, suspected: Suspected): readonly BisectPlan[] => {
  const ofTree = treePlanOf(record.pin);
  return [...(ofTree === undefined ? [] : [ofTree]), ...plansOverLocks(suspected)];
};

const plansOverLocks = ({ lock, before }: Suspected): readonly BisectPlan[] => {
  const found = lock.packages['peft'] ?? '';
  const range = { package: 'peft', found, prereleases: false, findFix: false };
  const releases: BisectPlan = { kind: 'releases', base: lock, others: 'held', range };
  if (before === undefined) return [releases];
  const origins = { good: 'of the night before', bad: 'of tonight' };
  const locks: BisectPlan = { kind: 'locks', good: before, bad: lock, origins, prereleases: false };
  const good = before.packages['peft'];
  if (good === undefined || good === found) return [locks];
  return [{ ...releases, range: { ...range, good } }, locks];
};

const tryPlan = async (plan: BisectPlan, record: FailureRecord, options: BisectOptions): Promise<Answered> => {
  try {
    return { bisect: await bisectFailure(record, plan, options) };
  } catch (error) {
    const isExpected = error instanceof PeftMatrixError || error instanceof StoppedError;
    if (!isExpected || options.interruption.abort.aborted) throw error;
    return { unbisected: error.message };
  }
};
