import type { Config } from '../../matrices/config.ts';
import type { ResolvedPin } from '../../matrices/pin.ts';
import { allProperties } from '../../properties/all.ts';
import { hides } from '../../properties/hides.ts';
import { signatureId } from '../../properties/signature.ts';
import type { Signature } from '../../properties/verdict.ts';
import type { OnEvent } from '../../reports/events.ts';
import { firstAttempt, type ReadyPin } from '../cell.ts';
import type { Violation } from '../find-failures.ts';
import { importViolations } from '../import-violation.ts';
import { judgeConfig, type Judged } from '../judge-config.ts';
import type { Attempt, Ledger } from '../ledger.ts';
import type { OpenLaboratory } from '../open-laboratory.ts';
import { readyPin, type PinState } from '../ready-pins.ts';
import type { Answer } from './answer.ts';

/** What a bisect asks of every candidate: does this config show this failure? */
export interface Question {
  readonly config: Config;
  readonly property: string;
  /** Where the failure shows; what stops earlier hides it. */
  readonly phase: Signature['phase'];
  /** Whether a violation is the one that is looked for. */
  readonly isShownBy: (violation: Violation) => boolean;
  /** The pin that numbers are compared with, where the property compares with another release. */
  readonly baseline?: ReadyPin;
  /** Another failure that hides it counts as that it does not show: what is looked for is the change of what fails. */
  readonly maskedAsGood: boolean;
}

export interface AskOptions {
  readonly open: OpenLaboratory;
  readonly ledger: Ledger;
  readonly onEvent: OnEvent;
}

/**
 * The question that a failure stands for. Frames have no part in it: a release may have moved the function.
 *
 * Where it is asked what changed what fails, it has to fail at the same place in the code.
 */
export const questionOf = (
  config: Config,
  signature: Signature,
  { maskedAsGood = false }: { readonly maskedAsGood?: boolean | undefined } = {},
): Question => ({
  config,
  property: signature.property,
  phase: signature.phase,
  isShownBy: ({ signature: shown }) =>
    maskedAsGood ? signatureId(shown) === signatureId(signature) : looksLike(shown, signature),
  maskedAsGood,
});

const looksLike = (shown: Signature, { property, phase, exception, message }: Signature): boolean =>
  shown.property === property && shown.phase === phase && shown.exception === exception && shown.message === message;

/** Asks a pin, from the ledger where it knows. Throws what stopped it when it was interrupted. */
export const askPin = async (
  question: Question,
  pin: ResolvedPin,
  options: AskOptions,
  attempt: Attempt = firstAttempt,
): Promise<Answer> => {
  const state = await readyPin(pin, options.open.pool, options.ledger, options.onEvent);
  const answer =
    state.kind === 'ready'
      ? await askReadyPin(question, state.ready, options, attempt)
      : answerOfState(question, state);
  return question.maskedAsGood ? goodWhereMasked(answer) : answer;
};

const askReadyPin = async (
  question: Question,
  ready: ReadyPin,
  { open: { laboratory } }: AskOptions,
  attempt: Attempt,
): Promise<Answer> => {
  // Where nothing can be imported there is no cell: what can, does not show it.
  if (question.phase === 'import') return { kind: 'good' };
  const judged = await judgeConfig({ ...laboratory, baselineOf: () => question.baseline }, ready, question.config, {
    properties: allProperties.filter(({ id }) => id === question.property || id === 'runs'),
    by: laboratory.run,
    attempt,
  });
  return answerOf(question, judged);
};

/** What the verdict on the config of a question says of it. */
const answerOf = (question: Question, { verdict, violations }: Pick<Judged, 'verdict' | 'violations'>): Answer => {
  const shown = violations.find(question.isShownBy);
  if (shown !== undefined) return { kind: 'bad', detail: describe(shown) };
  if (verdict.kind === 'unsupported' || verdict.kind === 'broken' || verdict.kind === 'flaky') {
    return { kind: 'skip', cause: verdict.kind, reason: verdict.reason };
  }
  const hiding = violations.find(({ signature }) => hides(signature, question));
  if (hiding !== undefined) return { kind: 'skip', cause: 'masked', reason: describe(hiding) };
  const [other] = violations;
  return other === undefined ? { kind: 'good' } : { kind: 'good', detail: `fails otherwise: ${describe(other)}` };
};

const answerOfState = (question: Question, state: Exclude<PinState, { readonly kind: 'ready' }>): Answer => {
  if (state.kind !== 'import-failed') return { kind: 'skip', cause: 'broken', reason: state.reason };
  const detail = `${state.failure.type}: ${state.failure.message}`;
  return importViolations([state]).some(question.isShownBy)
    ? { kind: 'bad', detail }
    : { kind: 'skip', cause: 'masked', reason: detail };
};

const goodWhereMasked = (answer: Answer): Answer =>
  answer.kind === 'skip' && answer.cause === 'masked'
    ? { kind: 'good', detail: `fails otherwise: ${answer.reason}` }
    : answer;

const describe = ({ signature: { exception }, detail }: Violation): string => `${exception}: ${detail}`;
