import type { Observation } from '../containers/observation.ts';
import { arithmeticBound } from './bounds.ts';
import { figure, firstViolation, noEvidence, violated } from './judgements.ts';
import { listNames } from './parameter-kind.ts';
import type { Judgement, Property } from './property.ts';
import { lossAveraging } from './run-comparison.ts';
import { hasFiniteOutputs, notFinite } from './same-outputs.ts';
import { isAdapterAlone, isComparable } from './unsharded-reference.ts';

export const resumeContinues: Property = {
  id: 'resume-continues',
  version: 2,
  claim: 'Training that goes on from a checkpoint is the training that never stopped.',
  applies: (subject) => subject.adapter.promises.keepsWeights && isAdapterAlone(subject) && isComparable(subject),
  usages: () => ['resume'],
  judge: (subject, observation) => {
    const { resumed } = observation;
    if (resumed === undefined) return noEvidence('training was not resumed');
    if (!hasFiniteOutputs(observation)) return noEvidence(notFinite);
    if (!resumed.losses.every(Number.isFinite)) return noEvidence('training without a break was not finite');
    const bound = arithmeticBound(subject);
    return firstViolation(
      () => judgeLosses(resumed, bound / lossAveraging(subject)),
      () => judgeOutputs(resumed, bound),
    );
  },
};

type Resumed = NonNullable<Observation['resumed']>;

const judgeLosses = ({ losses, resumedLosses }: Resumed, bound: number): Judgement | undefined => {
  // NaN is within no bound.
  const isNear = (loss: number, step: number): boolean =>
    Math.abs((resumedLosses[step] ?? Number.NaN) - loss) <= bound * Math.abs(loss);
  const step = losses.length === resumedLosses.length ? losses.findIndex((loss, index) => !isNear(loss, index)) : 0;
  if (step === -1) return undefined;
  const figures = `losses by step: ${resumedLosses.join(', ')}; without a break: ${losses.join(', ')}; bound ${figure(bound)} relative`;
  // The first loss is of what was loaded, the others of what was made of it.
  return violated(
    'resume',
    step === 0 ? 'the first loss after resuming differs' : 'later losses after resuming differ',
    figures,
  );
};

/** Of the parameters' bytes only people are told: where training rounds apart they differ, and by how much is not known. */
const judgeOutputs = ({ distance, differing }: Resumed, bound: number): Judgement | undefined =>
  distance <= bound
    ? undefined
    : violated(
        'resume',
        'outputs differ after resumed training',
        `relative distance ${figure(distance)}, bound ${figure(bound)}; parameters that differ: ${listNames(differing)}`,
      );
