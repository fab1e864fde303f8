import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { lockId } from '../../../matrices/lock.ts';
import { smallLock } from './fixtures/images.ts';
import { stagesOf, type Stage } from './stages.ts';

const names = [
  'torch',
  'nvidia-nccl-cu13',
  'triton',
  'numpy',
  'tqdm',
  'transformers',
  'peft',
  'torchao',
  'cuda-toolkit',
];
const packages = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1.0', '2.0'), { noNullPrototype: true });
const tags = (stages: readonly Stage[]): readonly string[] => stages.map(({ tag }) => tag);

const lock = smallLock({ torch: '2.13.0', numpy: '2.4.6', transformers: '5.23.0', peft: '0.21.2' });
const withVersion = (name: string, version: string): ReturnType<typeof smallLock> =>
  smallLock({ ...lock.packages, [name]: version });
const plain = tags(stagesOf(lock, ['base'], 'probe'));

/** How many stages a chain has in common with the plain one. */
const shared = (stages: readonly Stage[]): number => {
  const first = tags(stages).findIndex((tag, position) => tag !== plain[position]);
  return first === -1 ? plain.length : first;
};

describe('stagesOf', () => {
  test.prop([packages])('puts every package into one stage, and the lock into the last', (some) => {
    const stages = stagesOf(smallLock(some), ['base'], 'probe');
    expect(stages.reduce((total, stage) => total + Object.keys(stage.packages).length, 0)).toBe(
      Object.keys(some).length,
    );
    expect(Object.assign({}, ...stages.map((stage) => stage.packages))).toStrictEqual(some);
    for (const stage of stages) expect(Object.keys(stage.packages).every(stage.holds)).toBe(true);
    expect(stages.filter(({ isLast }) => isLast)).toStrictEqual([stages.at(-1)]);
    expect(stages.at(-1)?.tag).toMatch(new RegExp(`^peft-matrix/lock:${lockId(smallLock(some))}-`));
  });

  test.prop([packages])('does not depend on the order in which packages are written', (some) => {
    const turned = Object.fromEntries(Object.entries(some).toReversed());
    const stages = stagesOf(smallLock(some), ['base'], 'probe');
    expect(tags(stagesOf(smallLock(turned), ['base'], 'probe'))).toStrictEqual(tags(stages));
  });

  test('goes from what is largest and changes least to what differs from pin to pin', () => {
    const stages = stagesOf(lock, ['base'], 'probe');
    expect(stages.map(({ name }) => name)).toStrictEqual(['torch', 'libraries', 'transformers', 'peft']);
  });

  test.each([
    ['another PEFT', stagesOf(withVersion('peft', '0.20.0'), ['base'], 'probe'), 3],
    ['another probe', stagesOf(lock, ['base'], 'other'), 3],
    ['another transformers', stagesOf(withVersion('transformers', '5.22.0'), ['base'], 'probe'), 2],
    ['another library', stagesOf(withVersion('numpy', '2.4.5'), ['base'], 'probe'), 1],
    ['another torch', stagesOf(withVersion('torch', '2.12.0'), ['base'], 'probe'), 0],
    ['another base image', stagesOf(lock, ['other'], 'probe'), 0],
    ['another Python', stagesOf({ ...lock, python: '3.12' }, ['base'], 'probe'), 0],
    ['another device', stagesOf({ ...lock, device: 'cuda' }, ['base'], 'probe'), 0],
  ])('shares what it can: %s', (_, stages, expected) => {
    expect(shared(stages)).toBe(expected);
    expect(new Set([...plain, ...tags(stages)]).size).toBe(2 * plain.length - expected);
  });
});
