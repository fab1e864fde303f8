import type { ReportedAnswer } from '../../reports/bisect-model.ts';
import type { CampaignEvent } from '../../reports/events.ts';
import type { Answer } from './answer.ts';

/** An answer as reports have it. */
export const reportAnswer = (answer: Answer): ReportedAnswer => {
  if (answer.kind === 'skip') return answer;
  return { kind: answer.kind, ...(answer.detail === undefined ? {} : { reason: answer.detail }) };
};

/** An answer for people who watch; `candidate` is such as `peft 0.12.0`, or a commit. */
export const answeredEvent = (candidate: string, answer: Answer): CampaignEvent => ({
  kind: 'bisect-answered',
  candidate,
  answer: answer.kind,
  ...(answer.kind === 'skip' ? { reason: `${answer.cause}: ${answer.reason}` } : {}),
});
