import type { Observation } from '../containers/observation.ts';
import { arithmeticBound } from './bounds.ts';
import { figure, firstViolation, noEvidence, violated } from './judgements.ts';
import { kindsOf, listNames } from './parameter-kind.ts';
import type { Judgement, Property, Subject } from './property.ts';
import { distanceOf } from './run-comparison.ts';
import { hasFiniteOutputs, notFinite } from './same-outputs.ts';
import { exceeds } from './sketch-distance.ts';
import { stopped } from './stopped.ts';
import { isAdapterAlone, isComparable } from './unsharded-reference.ts';

/**
 * In float32 on one process, as `agrees-with-release`, with which it shares the cell of the older release: beside it one
 * small cell is run, which reads and does not train.
 *
 * Each release has to read back what it wrote itself: where it does not, `checkpoint-round-trip` tells.
 */
export const checkpointCrossesReleases: Property = {
  id: 'checkpoint-crosses-releases',
  version: 1,
  claim: 'A checkpoint written by the release before it loads, key for key, with the same outputs.',
  applies: (subject) => subject.config['precision'] === 'fp32' && isAdapterAlone(subject) && isComparable(subject),
  usages: () => ['checkpoint'],
  references: ({ config }) => ({
    writer: { config, attempt: 0, pin: 'baseline' },
    reader: { config, attempt: 0, reads: 'baseline' },
  }),
  judge: (subject, observation, { writer, reader }) => {
    if (writer === undefined || reader === undefined) return noEvidence('the next older release wrote no checkpoint');
    if (!hasFiniteOutputs(writer)) return noEvidence(notFinite);
    const bound = arithmeticBound(subject);
    if (!readsBack(writer, bound)) return noEvidence('the next older release does not read back what it wrote itself');
    if (!readsBack(observation, bound)) return noEvidence('the cell does not read back what it wrote itself');
    return firstViolation(
      () => (reader.stop === undefined ? undefined : stopped(reader.stop)),
      () => judgeKeys(reader),
      () => judgeOutputs(subject, reader, writer),
    );
  },
};

const readsBack = ({ checkpoint }: Observation, bound: number): boolean =>
  checkpoint?.distance !== undefined && checkpoint.distance <= bound;

const judgeKeys = ({ read }: Observation): Judgement | undefined => {
  const { missing = [], unexpected = [] } = read ?? {};
  // A key that was renamed is both: what the model goes without is the worse of the two.
  if (missing.length > 0) {
    const figures = `missing: ${listNames(missing, 2)}; too many: ${listNames(unexpected, 2) || 'none'}`;
    return violated('read', `a checkpoint of the next older release lacks keys: ${kindsOf(missing)}`, figures);
  }
  return unexpected.length === 0
    ? undefined
    : violated('read', 'a checkpoint of the next older release has keys that are not loaded', listNames(unexpected, 2));
};

const judgeOutputs = (subject: Subject, { read }: Observation, { outputs }: Observation): Judgement | undefined => {
  if (read === undefined || outputs === undefined) return noEvidence('outputs were not observed');
  const ours = read.outputs;
  if (ours.dtype !== outputs.dtype || ours.shape.join() !== outputs.shape.join()) {
    const figures = `${ours.dtype}[${ours.shape.join(',')}] instead of ${outputs.dtype}[${outputs.shape.join(',')}]`;
    return violated('read', 'a checkpoint of the next older release gives outputs of another shape or dtype', figures);
  }
  const bound = arithmeticBound(subject);
  // NaN is within no bound.
  const isFinite = [ours.norm, ...ours.sketch].every(Number.isFinite);
  if (isFinite && !exceeds(ours, outputs, bound * outputs.norm)) return undefined;
  return violated(
    'read',
    'a checkpoint of the next older release gives other outputs',
    `relative distance about ${figure(distanceOf(ours, outputs) / outputs.norm)}, bound ${figure(bound)}`,
  );
};
