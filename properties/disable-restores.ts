import { arithmeticBound } from './bounds.ts';
import { everyViolation, noEvidence, violated } from './judgements.ts';
import { kindsOf, listNames } from './parameter-kind.ts';
import type { Judgement, Property } from './property.ts';
import { hasFiniteOutputs, notFinite, sameOutputs } from './same-outputs.ts';
import { isAdapterAlone } from './unsharded-reference.ts';

export const disableRestores: Property = {
  id: 'disable-restores',
  version: 2,
  claim: 'With the adapter disabled the model is the base model, and enabling it again brings everything back.',
  applies: (subject) => isAdapterAlone(subject) && subject.adapter.promises.disable,
  usages: () => ['disable'],
  judge: (subject, observation) => {
    const { disabled } = observation;
    if (disabled === undefined) return noEvidence('the adapter was not disabled');
    if (!hasFiniteOutputs(observation)) return noEvidence(notFinite);
    const bound = arithmeticBound(subject);
    return everyViolation(
      () =>
        sameOutputs(disabled.distance, {
          phase: 'disable',
          message: 'outputs with the adapter disabled differ from those of the base model',
          bound,
        }),
      () =>
        sameOutputs(disabled.gradient, {
          phase: 'disable',
          message: 'gradients through the disabled adapter differ from those of the base model',
          bound,
        }),
      () =>
        sameOutputs(disabled.enabled, {
          phase: 'enable',
          message: 'outputs differ after disabling the adapter and enabling it again',
          bound,
        }),
      () => judgeFlags(disabled.flags ?? []),
    );
  },
};

const judgeFlags = (changed: readonly string[]): Judgement | undefined =>
  changed.length === 0
    ? undefined
    : violated(
        'enable',
        `parameters require gradients where they did not, or the reverse, after disabling and enabling: ${kindsOf(changed)}`,
        `requires_grad of ${changed.length} parameters is not what it was: ${listNames(changed)}`,
      );
