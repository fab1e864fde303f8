import { describe, expect, onTestFinished, test } from 'vitest';
import type { Expectation } from '../matrices/expectation.ts';
import { outcomeOf } from '../reports/outcome.ts';
import type { Report } from '../reports/report-model.ts';
import { runCampaign } from './campaign.ts';
import { openMachine } from './fixtures/made-up-campaign.ts';

type Entry = Pick<Expectation, 'id' | 'versions' | 'config'>;

/** What a campaign tells where LoRA fails alike with two ranks, on two releases, and these known issues are there. */
const reportWith = async (...entries: readonly Entry[]): Promise<Report> => {
  const message = 'it broke';
  const machine = await openMachine({
    pins: ['0.20.0', '0.21.2'],
    axes: { adapter: ['lora'], rank: [4, 8, 3] },
    strength: 2,
    seed: 1,
    cells: 20,
    faults: [
      { config: { adapter: 'lora', rank: 8 }, message },
      { config: { adapter: 'lora', rank: 3 }, message },
    ],
  });
  onTestFinished(() => machine[Symbol.asyncDispose]());
  const { catalogue } = machine.options;
  const expectations = entries.map((entry) => ({
    kind: 'bug' as const,
    title: `what ${entry.id} says`,
    link: 'https://example.org',
    property: 'runs',
    words: [message],
    ...entry,
  }));
  return (await runCampaign({ ...machine.options, catalogue: { ...catalogue, expectations } })).report;
};

/** The one failure of a campaign: by which entries it is known, what has no name, and what follows from it. */
const naming = ({ failures, counts, ...report }: Report): unknown => {
  expect(failures).toHaveLength(1);
  const [failure] = failures;
  return {
    known: failure?.known?.id,
    also: failure?.alsoKnown?.map(({ id }) => id),
    beyond: failure?.knownInPart?.beyond,
    cells: counts.known,
    exit: outcomeOf({ failures, counts, ...report }).exitCode,
  };
};

describe('a failure of two values on two releases', () => {
  test('is known by an entry that speaks of all of them', async () => {
    expect(naming(await reportWith({ id: 'both', config: { rank: [3, 8] } }))).toEqual({
      known: 'both',
      also: undefined,
      beyond: undefined,
      cells: 4,
      exit: 0,
    });
  });

  test('is new where the entry speaks of one value: the other may be broken by itself', async () => {
    expect(naming(await reportWith({ id: 'one', config: { rank: [8] } }))).toEqual({
      known: undefined,
      also: undefined,
      beyond: ['rank=3 on peft-0.20.0, peft-0.21.2'],
      cells: 0,
      exit: 1,
    });
  });

  test('is new where the entry speaks of older releases alone: the newer one may have broken it again', async () => {
    expect(naming(await reportWith({ id: 'old', versions: { peft: '<0.21' } }))).toMatchObject({
      known: undefined,
      beyond: ['on peft-0.21.2', 'rank=3 on peft-0.21.2'],
      exit: 1,
    });
  });

  test('is known by several entries together, each of which is told', async () => {
    const entries = [
      { id: 'eight', config: { rank: [8] } },
      { id: 'three-old', config: { rank: [3] }, versions: { peft: '<0.21' } },
      { id: 'three-new', config: { rank: [3] }, versions: { peft: '>=0.21' } },
    ];
    expect(naming(await reportWith(...entries))).toMatchObject({
      known: 'eight',
      also: ['three-old', 'three-new'],
      cells: 4,
      exit: 0,
    });
  });

  test('has no name where none speaks of its minimal cell', async () => {
    expect(naming(await reportWith({ id: 'other', config: { rank: [4] } }))).toMatchObject({
      known: undefined,
      beyond: undefined,
      exit: 1,
    });
  });
});
