import type { Observation, Phase } from '../containers/observation.ts';
import type { Promises } from '../matrices/adapter.ts';
import { arithmeticBound } from './bounds.ts';
import { everyViolation, noEvidence, violated } from './judgements.ts';
import { listNames } from './parameter-kind.ts';
import type { Judgement, Property } from './property.ts';
import { hasFiniteOutputs, notFinite, raised, sameOutputs } from './same-outputs.ts';
import { isAdapterAlone } from './unsharded-reference.ts';
import type { Usage } from './usage.ts';

export const adaptersDoNotLeak: Property = {
  id: 'adapters-do-not-leak',
  version: 1,
  claim: 'Adapters that share a model, a batch or a place leave each other alone.',
  applies: (subject) => isAdapterAlone(subject) && usagesOf(subject.adapter.promises).length > 0,
  usages: ({ adapter }) => usagesOf(adapter.promises),
  judge: (subject, observation) => {
    const { adapters, combined, hotswapped, mixed } = observation;
    if ([adapters, combined, hotswapped, mixed].every((fact) => fact === undefined))
      return noEvidence('there was no other adapter');
    if (!hasFiniteOutputs(observation)) return noEvidence(notFinite);
    const bound = arithmeticBound(subject);
    return everyViolation(
      ...(adapters === undefined ? [] : besideEachOther(adapters, bound)),
      ...(combined === undefined ? [] : inCombination(combined, bound)),
      () =>
        sameOutputs(hotswapped?.distance, {
          phase: 'hotswap',
          message: 'an adapter that was swapped in gives other outputs than the same loaded as usual',
          bound,
        }),
      () =>
        sameOutputs(mixed?.distance, {
          phase: 'mixed-batch',
          message: 'rows of a mixed batch differ from the same rows alone',
          bound,
        }),
    );
  },
};

const usagesOf = ({ several, combine, hotswap, mixedBatch }: Promises): readonly Usage[] => [
  ...(several ? (['adapters'] as const) : []),
  ...(combine ? (['combine'] as const) : []),
  ...(hotswap ? (['hotswap'] as const) : []),
  ...(mixedBatch ? (['mixed-batch'] as const) : []),
];

type Check = () => Judgement | undefined;

const besideEachOther = (adapters: NonNullable<Observation['adapters']>, bound: number): readonly Check[] => {
  const { beside, second, back, deleted, duplicate } = adapters;
  return [
    // One after the other: what is wrong already is not made wrong by what comes after.
    () =>
      sameOutputs(beside, {
        phase: 'second-adapter',
        message: 'adding another adapter changes the outputs of the active one',
        bound,
      }) ??
      sameOutputs(back, {
        phase: 'switch',
        message: 'outputs differ after switching to another adapter and back',
        bound,
      }) ??
      sameOutputs(deleted, {
        phase: 'delete',
        message: 'deleting another adapter changes the outputs of the active one',
        bound,
      }),
    () =>
      sameOutputs(second, {
        phase: 'switch',
        message: 'another adapter gives other outputs than in a model of its own',
        bound,
      }),
    () => unwanted(adapters.inactiveTrainable, 'switch', 'parameters of an inactive adapter require gradients'),
    () =>
      unwanted(
        adapters.savedExtra,
        'second-adapter',
        'an adapter saved beside another has tensors in its checkpoint that are not its own',
      ),
    () =>
      unwanted(
        adapters.savedMissing,
        'second-adapter',
        'an adapter saved beside another lacks tensors in its checkpoint',
      ),
    () => (duplicate === undefined ? undefined : judgeDuplicate(duplicate, bound)),
    () => unwanted(adapters.leftovers, 'delete', 'tensors of a deleted adapter are still there'),
  ];
};

const unwanted = (names: readonly string[] | undefined, phase: Phase, message: string): Judgement | undefined =>
  names === undefined || names.length === 0
    ? undefined
    : violated(phase, message, `${names.length}: ${listNames(names)}`);

/** Refused without a trace, or not at all. */
const judgeDuplicate = (
  { raised: type, distance }: NonNullable<NonNullable<Observation['adapters']>['duplicate']>,
  bound: number,
): Judgement | undefined =>
  type === undefined
    ? violated(
        'second-adapter',
        'a second adapter under the same name is not refused',
        `nothing was raised; relative distance of the outputs ${distance ?? 'not measured'}`,
      )
    : sameOutputs(distance, {
        phase: 'second-adapter',
        message: 'a second adapter under the same name is refused too late',
        bound,
      });

const inCombination = ({ single, negative }: NonNullable<Observation['combined']>, bound: number): readonly Check[] => [
  () =>
    raised(single, 'combine', 'add_weighted_adapter of one adapter') ??
    sameOutputs(single.distance, {
      phase: 'combine',
      message: 'one adapter with weight 1 is not itself',
      bound,
    }),
  () =>
    raised(negative, 'combine', 'add_weighted_adapter with a negative weight') ??
    sameOutputs(negative.distance, {
      phase: 'combine',
      message: 'an adapter with weight -1 is not its negative',
      bound,
    }),
];
