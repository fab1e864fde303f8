import type { Observation } from '../containers/observation.ts';
import type { AdapterOption } from '../matrices/adapter.ts';
import { arithmeticBound, isExact } from './bounds.ts';
import { everyViolation, noEvidence, violated } from './judgements.ts';
import type { Judgement, Property, Reference, Subject } from './property.ts';
import { distanceOf, isFiniteRun, lossAveraging } from './run-comparison.ts';
import { isAdapterAlone, isComparable } from './unsharded-reference.ts';

export const optionsHaveEffect: Property = {
  id: 'options-have-effect',
  version: 1,
  claim: 'An option that changes the mathematics changes the numbers.',
  applies: (subject) => isAdapterAlone(subject) && isComparable(subject) && chosenOptions(subject).length > 0,
  references: (subject) =>
    Object.fromEntries(chosenOptions(subject).map((option) => [option.name, withFirstValue(subject, option)])),
  judge: (subject, observation, references) => {
    if (!isEvidence(observation)) return noEvidence('the cell did not finish training');
    const known = chosenOptions(subject).flatMap((option) => {
      const reference = references[option.name];
      return reference === undefined || !isEvidence(reference) ? [] : [{ option, reference }];
    });
    if (known.length === 0) return noEvidence('no cell with the first value of an option has finished training');
    return everyViolation(
      ...known.map(
        ({ option, reference }) =>
          () =>
            judgeOption(subject, option, observation, reference),
      ),
    );
  },
};

/** Options that change the outputs and have another value than the first. */
const chosenOptions = ({ adapter, config }: Subject): readonly AdapterOption[] =>
  adapter.options.filter(
    ({ name, values, changesOutputs }) =>
      changesOutputs === true && config[name] !== undefined && config[name] !== values[0],
  );

const withFirstValue = ({ config }: Subject, { name, values }: AdapterOption): Reference => ({
  config: { ...config, ...(values[0] === undefined ? {} : { [name]: values[0] }) },
  attempt: 0,
});

const isEvidence = (observation: Observation): boolean =>
  observation.outputs !== undefined && observation.losses !== undefined && isFiniteRun(observation);

const judgeOption = (
  subject: Subject,
  { name, values }: AdapterOption,
  observation: Observation,
  reference: Observation,
): Judgement | undefined =>
  isSameRun(subject, observation, reference)
    ? violated(
        'train',
        `the option ${name} changes nothing`,
        `losses and outputs with ${name}=${String(subject.config[name])} are those with ${name}=${String(values[0])}`,
      )
    : undefined;

/**
 * In float32 an effect that cannot be told from rounding is none: adapters are moved off their initial values by hundreds
 * of times that. In a coarse dtype a real effect may be within rounding; there only the same bits are the same run.
 */
const isSameRun = (subject: Subject, left: Observation, right: Observation): boolean => {
  const [ours, theirs] = [left.outputs, right.outputs];
  if (ours === undefined || theirs === undefined) return false;
  if (!isExact(subject)) return ours.digest === theirs.digest && String(left.losses) === String(right.losses);
  const bound = arithmeticBound(subject);
  return (
    distanceOf(ours, theirs) <= bound * theirs.norm &&
    (left.losses ?? []).every(
      (loss, step) => Math.abs(loss - (right.losses?.[step] ?? Number.NaN)) <= (bound / lossAveraging(subject)) * loss,
    )
  );
};
