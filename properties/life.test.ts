import { describe, expect, test } from 'vitest';
import { allProperties } from './all.ts';
import { readCell, withPromises } from './fixtures/cells.ts';
import { lifeOf } from './life.ts';
import { phasesOfUsage, usages } from './usage.ts';

const lora = readCell('lora-fp32-none');

describe("a cell's life", () => {
  test('tries on one process what its properties look at, each by itself', () => {
    const { phases, usages: lives } = lifeOf(lora.subject);
    expect(phases).toEqual(['build', 'adapt', 'wrap', 'train']);
    const wanted = new Set(
      allProperties
        .filter(({ applies }) => applies(lora.subject))
        .flatMap((property) => property.usages?.(lora.subject) ?? []),
    );
    expect(lives).toEqual(usages.filter((usage) => wanted.has(usage)).map((usage) => phasesOfUsage[usage]));
  });

  test('is one sequence on several ranks', () => {
    expect(lifeOf(readCell('lora-fp32-fsdp1').subject)).toEqual({
      phases: ['build', 'adapt', 'wrap', 'train', 'save', 'load'],
      usages: [],
    });
  });

  test('leaves out what the method does not offer', () => {
    const bare = withPromises(lora, { merge: 'no', unmerge: 'no', several: false });
    expect(lifeOf(bare.subject).usages.flat()).not.toContain('merge');
  });
});
