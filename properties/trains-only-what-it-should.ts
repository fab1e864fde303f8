import { firstViolation, noEvidence, violated } from './judgements.ts';
import { kindsOf, listNames } from './parameter-kind.ts';
import type { Judgement, Property, Subject } from './property.ts';

export const trainsOnlyWhatItShould: Property = {
  id: 'trains-only-what-it-should',
  version: 1,
  claim: 'Frozen weights are bitwise what they were, and exactly the promised parameters are trainable.',
  applies: () => true,
  judge: (subject, { trainable, frozen }) => {
    if (trainable === undefined || frozen === undefined) return noEvidence('the cell did not finish training');
    const names = trainable.map(({ name }) => name);
    return firstViolation(
      () => judgeTrainable(subject, names),
      () => judgeFrozen(frozen.changed),
      () => judgeFull(subject, frozen.count),
    );
  },
};

const judgeTrainable = ({ adapter }: Subject, names: readonly string[]): Judgement | undefined => {
  if (names.length === 0) return violated('adapt', 'nothing is trainable', 'no parameter requires a gradient');
  const promised = adapter.trains.map((pattern) => new RegExp(pattern));
  const extra = names.filter((name) => !promised.some((pattern) => pattern.test(name)));
  if (extra.length > 0) {
    return violated(
      'adapt',
      `trainable beyond what the adapter promises: ${kindsOf(extra)}`,
      `${extra.length} parameters are trainable that ${adapter.name} does not promise to train: ${listNames(extra)}`,
    );
  }
  const missing = promised.filter((pattern) => !names.some((name) => pattern.test(name)));
  if (missing.length === 0) return undefined;
  const patterns = missing.map(({ source }) => source).join(', ');
  return violated(
    'adapt',
    `promised by the adapter but not trainable: ${patterns}`,
    `no trainable parameter of ${adapter.name} matches ${patterns}; trainable: ${listNames(names)}`,
  );
};

const judgeFrozen = (changed: readonly string[]): Judgement | undefined =>
  changed.length === 0
    ? undefined
    : violated(
        'train',
        `frozen weights changed: ${kindsOf(changed)}`,
        `${changed.length} frozen parameters or buffers changed while training: ${listNames(changed)}`,
      );

/** Full fine-tuning: only buffers may be frozen, and the models here have none that is saved. */
const judgeFull = ({ adapter }: Subject, frozen: number): Judgement | undefined =>
  adapter.configClass !== null || frozen === 0
    ? undefined
    : violated('adapt', 'full fine-tuning left parameters frozen', `${frozen} parameters or buffers are frozen`);
