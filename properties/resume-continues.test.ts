import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import { cellsWithUsages, findings, readCell, withFacts, withoutFacts, withPromises } from './fixtures/cells.ts';
import { resumeContinues } from './resume-continues.ts';

type Resumed = NonNullable<Observation['resumed']>;

const lora = readCell('lora-fp32-none');
const losses = [4.1, 4, 3.9];
const resumed = (facts: Partial<Resumed>): readonly string[] =>
  findings(
    resumeContinues,
    withFacts(lora, { resumed: { losses, resumedLosses: losses, distance: 0, differing: [], ...facts } }),
  );

describe('resume-continues', () => {
  test.each(cellsWithUsages)('holds on the real cell %s', (name) => {
    expect(findings(resumeContinues, readCell(name))).toEqual(['holds']);
  });

  test('holds where the two trainings are one, but for rounding', () => {
    expect(resumed({})).toEqual(['holds']);
    expect(
      resumed({ resumedLosses: losses.map((loss) => loss * (1 + 5e-7)), distance: 1e-6, differing: ['a'] }),
    ).toEqual(['holds']);
  });

  test.each<readonly [Partial<Resumed>, string]>([
    [{ resumedLosses: [4.2, 4, 3.9], distance: 1 }, 'the first loss after resuming differs'],
    [{ resumedLosses: [4.1, 4, 3.8], distance: 1 }, 'later losses after resuming differ'],
    [{ resumedLosses: [4.1, 4] }, 'the first loss after resuming differs'],
    [{ resumedLosses: [4.1, Number.NaN, 3.9] }, 'later losses after resuming differ'],
    [{ distance: 1e-3 }, 'outputs differ after resumed training'],
    [{ distance: Number.NaN }, 'outputs differ after resumed training'],
  ])('sees %o', (fault, message) => {
    expect(resumed(fault)).toEqual([`resume: ${message}`]);
  });

  test('has no evidence without the fact, or where training was not finite anyway', () => {
    expect(findings(resumeContinues, withoutFacts(lora, 'resumed'))).toEqual(['no-evidence']);
    expect(resumed({ losses: [4, Number.NaN, 3] })).toEqual(['no-evidence']);
  });

  test('asks for the usage of adapters alone, unless they draw lots while they train', () => {
    expect(resumeContinues.usages?.(lora.subject)).toEqual(['resume']);
    expect(resumeContinues.applies(readCell('lora-fp32-fsdp1').subject)).toBe(false);
    expect(resumeContinues.applies(withPromises(lora, { deterministic: false }).subject)).toBe(false);
  });
});
