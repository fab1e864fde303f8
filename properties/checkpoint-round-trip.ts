import type { Observation } from '../containers/observation.ts';
import { arithmeticBound } from './bounds.ts';
import { everyViolation, figure, noEvidence, violated } from './judgements.ts';
import { listNames } from './parameter-kind.ts';
import type { Judgement, Property, Subject } from './property.ts';
import { isSameKind } from './run-comparison.ts';
import { isDistributed, unshardedReference } from './unsharded-reference.ts';

export const checkpointRoundTrip: Property = {
  id: 'checkpoint-round-trip',
  version: 5,
  claim: 'A checkpoint loads into a fresh model with the same weights and outputs, and is what an unsharded run saves.',
  applies: () => true,
  usages: () => ['checkpoint'],
  references: (subject) => (isDistributed(subject) ? unshardedReference(subject) : {}),
  judge: (subject, observation, { unsharded }) => {
    const { checkpoint } = observation;
    if (checkpoint === undefined) return noEvidence('the cell did not save');
    return everyViolation(
      () =>
        judgeSaved(checkpoint) ??
        judgeFrozen(checkpoint) ??
        compareSaved(checkpoint, unsharded?.checkpoint) ??
        (isUncompared(subject, unsharded)
          ? undefined
          : (judgeWeights(subject, checkpoint) ?? judgeOutputs(subject, observation, checkpoint))),
      () => judgeInference(subject, checkpoint),
    );
  },
};

/**
 * Of what a sharded cell saved nobody knows whether it is all, where the unsharded run is not there: what is wrong after
 * loading may be a fault of saving, which has a name of its own.
 */
const isUncompared = (subject: Subject, unsharded: Observation | undefined): boolean =>
  isDistributed(subject) && unsharded?.checkpoint === undefined;

type Checkpoint = NonNullable<Observation['checkpoint']>;

/** One message whether all or some are missing: an adapter that also saves buffers shows the same fault as one that does not. */
const missingTensors = 'trained tensors are missing from the checkpoint';

const judgeSaved = ({ files, tensors }: Checkpoint): Judgement | undefined =>
  Object.keys(tensors).length > 0
    ? undefined
    : violated('save', missingTensors, `no tensor was saved; files: ${files.length === 0 ? 'none' : files.join(', ')}`);

/**
 * PEFT saves embeddings and heads whose vocabulary may have grown (`save_embedding_layers`), and a module that it was told
 * to save; inside the numbered layers of a model it promises the adapter alone.
 */
const judgeFrozen = ({ tensors }: Checkpoint): Judgement | undefined => {
  const frozen = Object.keys(tensors).filter((key) => /\.\d+\..*\.base_layer\.weight$/.test(key));
  if (frozen.length === 0) return undefined;
  const named = `${frozen.length} of ${Object.keys(tensors).length} tensors, e.g. ${listNames(frozen, 2)}`;
  return violated('save', 'frozen weights of the base model are in the checkpoint', named);
};

/** Keys first: a checkpoint with other tensors than the unsharded one often has other files too. */
const compareSaved = (saved: Checkpoint, unsharded: Checkpoint | undefined): Judgement | undefined => {
  if (unsharded === undefined) return undefined;
  const missing = Object.keys(unsharded.tensors).filter((key) => saved.tensors[key] === undefined);
  const extra = Object.keys(saved.tensors).filter((key) => unsharded.tensors[key] === undefined);
  if (missing.length > 0) {
    return violated('save', missingTensors, `${missing.length} missing, e.g. ${listNames(missing, 2)}`);
  }
  if (extra.length > 0) {
    const named = `${extra.length} too many, e.g. ${listNames(extra, 2)}`;
    return violated('save', 'the checkpoint has tensors that the unsharded run does not save', named);
  }
  const other = Object.keys(saved.tensors).filter((key) => saved.tensors[key] !== unsharded.tensors[key]);
  if (other.length > 0) {
    const named = other.map((key) => `${key} ${saved.tensors[key]} instead of ${unsharded.tensors[key]}`);
    return violated(
      'save',
      'tensors were saved in other shapes or dtypes than by the unsharded run',
      listNames(named, 2),
    );
  }
  if (saved.files.join() === unsharded.files.join()) return undefined;
  const figures = `${saved.files.join(', ')} instead of ${unsharded.files.join(', ')}`;
  return violated('save', 'other files were saved than by the unsharded run', figures);
};

const judgeWeights = ({ adapter }: Subject, { differing }: Checkpoint): Judgement | undefined =>
  !adapter.promises.keepsWeights || differing === undefined || differing.length === 0
    ? undefined
    : violated(
        'load',
        'loaded weights differ from the trained ones',
        `${differing.length} parameters differ bitwise after loading: ${listNames(differing)}`,
      );

/** PEFT loads for inference unless it is told otherwise (`is_trainable`). A full model of transformers does not. */
const judgeInference = ({ adapter }: Subject, { trainable }: Checkpoint): Judgement | undefined =>
  adapter.configClass === null || trainable === undefined || trainable.length === 0
    ? undefined
    : violated(
        'load',
        'parameters require gradients though the adapter was loaded for inference',
        `${trainable.length} parameters require gradients: ${listNames(trainable)}`,
      );

/** Weights are the same by now, so only the schedule of the arithmetic may differ: one forward pass. */
const judgeOutputs = (subject: Subject, { outputs }: Observation, checkpoint: Checkpoint): Judgement | undefined => {
  const { loaded, distance } = checkpoint;
  // Training that ended in NaN is `finite-and-moving`'s to tell.
  if (loaded === undefined || distance === undefined || outputs === undefined || !Number.isFinite(outputs.norm))
    return undefined;
  if (!isSameKind(loaded, outputs, subject)) {
    const figures = `${loaded.dtype}[${loaded.shape.join(',')}] instead of ${outputs.dtype}[${outputs.shape.join(',')}]`;
    return violated('load', 'outputs have another shape or dtype after loading', figures);
  }
  const bound = arithmeticBound(subject);
  // NaN is not within any bound.
  if (distance <= bound) return undefined;
  return violated(
    'load',
    'outputs differ after loading',
    `relative distance ${figure(distance)}, bound ${figure(bound)}, though the loaded weights are the trained ones`,
  );
};
