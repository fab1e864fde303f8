import type { Observation } from '../containers/observation.ts';
import { isExact } from './bounds.ts';
import { firstViolation, noEvidence, violated } from './judgements.ts';
import { kindsOf, listNames } from './parameter-kind.ts';
import type { Judgement, Property } from './property.ts';
import { compareRuns, isFiniteRun } from './run-comparison.ts';
import { isComparable } from './unsharded-reference.ts';

export const sameSeedSameRun: Property = {
  id: 'same-seed-same-run',
  version: 2,
  claim: 'The same seed twice gives the same run: bitwise in float32, within the bound of its arithmetic otherwise.',
  applies: isComparable,
  references: ({ config }) => ({ again: { config, attempt: 1 } }),
  judge: (subject, observation, { again }) => {
    if (again === undefined) return noEvidence('the cell was not run a second time');
    // Runs that end in different ways make the cell flaky; that is for whoever sees the verdicts of both.
    if (observation.stop !== undefined || again.stop !== undefined)
      return noEvidence('one of the two runs was stopped');
    if (observation.trainable === undefined || again.trainable === undefined)
      return noEvidence('one of the two runs did not train');
    if (!isFiniteRun(observation) || !isFiniteRun(again))
      return noEvidence('one of the two runs has numbers that are not finite');
    return isExact(subject) ? compareBits(observation, again) : compareRuns(subject, observation, again, other);
  },
};

const other = 'the second run of the same seed';

const compareBits = (left: Observation, right: Observation): Judgement =>
  firstViolation(
    () =>
      left.frozen?.digest === right.frozen?.digest
        ? undefined
        : violated(
            'adapt',
            `frozen weights differ from ${other} before training`,
            `digests ${left.frozen?.digest} and ${right.frozen?.digest}`,
          ),
    () => compareDigests(left, right),
    () =>
      String(left.losses) === String(right.losses)
        ? undefined
        : violated('train', `losses differ from ${other}`, `${String(left.losses)} and ${String(right.losses)}`),
    () =>
      left.outputs?.digest === right.outputs?.digest
        ? undefined
        : violated(
            'train',
            `outputs differ from ${other}`,
            `digests ${left.outputs?.digest} and ${right.outputs?.digest}`,
          ),
  );

const compareDigests = (left: Observation, right: Observation): Judgement | undefined => {
  const [ours, theirs] = [digestsOf(left), digestsOf(right)];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])];
  const differing = names.filter((name) => ours.get(name) !== theirs.get(name));
  if (differing.length === 0) return undefined;
  return violated(
    'train',
    `trained parameters differ from ${other}: ${kindsOf(differing)}`,
    `${differing.length} of ${names.length} trained parameters differ bitwise: ${listNames(differing)}`,
  );
};

const digestsOf = ({ trainable }: Observation): ReadonlyMap<string, string> =>
  new Map((trainable ?? []).map(({ name, digest }) => [name, digest]));
