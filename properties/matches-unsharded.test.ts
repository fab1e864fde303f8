import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import {
  judge,
  readCell,
  withFacts,
  withoutFacts,
  withParameter,
  withPromises,
  type Cell,
  type Trainable,
  withConfig,
} from './fixtures/cells.ts';
import { matchesUnsharded } from './matches-unsharded.ts';

const fp32 = readCell('lora-fp32-fsdp1');
const bf16 = readCell('lora-bf16-fsdp2');
const unshardedOf: ReadonlyMap<Cell, Observation> = new Map([
  [fp32, readCell('lora-fp32-none').observation],
  [bf16, readCell('lora-bf16-none').observation],
]);
const unsharded = readCell('lora-fp32-none').observation;

/** An update that is a little longer, as from a gradient that is scaled wrongly. */
const longer =
  (by: number) =>
  ({ update }: Trainable): Partial<Trainable> => ({
    update: { norm: update.norm * (1 + by), sketch: update.sketch.map((value) => value * (1 + by)) },
  });

/** An update of the same length that points elsewhere: `by` of it, at right angles to it. */
const turned =
  (by: number) =>
  ({ update }: Trainable): Partial<Trainable> => ({
    update: {
      norm: update.norm,
      sketch: update.sketch.map((value, index) => value + by * update.norm * (index % 2 === 0 ? 1 : -1)),
    },
  });

describe('matches-unsharded', () => {
  test.each([
    ['lora-fp32-fsdp1', 'lora-fp32-none'],
    ['lora-bf16-fsdp2', 'lora-bf16-none'],
    ['lora-autocast-ddp', 'lora-autocast-none'],
    ['none-bf16-fsdp2', 'none-bf16-none'],
    ['vera-fp32-noshard', 'vera-fp32-none'],
  ])('holds on the real cell %s', (name, reference) => {
    expect(judge(matchesUnsharded, readCell(name), { unsharded: readCell(reference).observation })).toEqual({
      kind: 'holds',
    });
  });

  test('asks for the unsharded cell, and only of cells that are sharded', () => {
    expect(matchesUnsharded.references?.(fp32.subject)).toEqual({
      unsharded: { config: { ...fp32.subject.config, sharding: 'none' }, attempt: 0 },
    });
    expect(matchesUnsharded.applies(readCell('lora-fp32-none').subject)).toBe(false);
    expect(matchesUnsharded.applies(fp32.subject)).toBe(true);
  });

  test('does not compare what a batch in parts, or another process, computes otherwise by promise', () => {
    expect(matchesUnsharded.applies(withPromises(fp32, { splits: false }).subject)).toBe(false);
    expect(matchesUnsharded.applies(withPromises(fp32, { deterministic: false }).subject)).toBe(false);
  });

  test('leaves out parameters of the model that only rounding moves', () => {
    const noisy = withParameter(fp32, 'lora_B', longer(0.1));
    const still = { ...noisy.subject, model: { ...noisy.subject.model, mayStandStill: ['\\.lora_B\\.'] } };
    expect(judge(matchesUnsharded, noisy, { unsharded })).toHaveProperty('kind', 'violated');
    expect(judge(matchesUnsharded, { ...noisy, subject: still }, { unsharded })).toEqual({ kind: 'holds' });
  });

  test('knows that the mean of few squares is less exact than that of many tokens', () => {
    const losses = (fp32.observation.losses ?? []).map((loss, step) => (step === 0 ? loss : loss * (1 + 3e-6)));
    const off = withFacts(fp32, { losses });
    const few = { ...off.subject, model: { ...off.subject.model, task: 'regression' as const } };
    expect(judge(matchesUnsharded, off, { unsharded })).toHaveProperty(
      'message',
      'later losses differ from the unsharded run',
    );
    expect(judge(matchesUnsharded, { ...off, subject: few }, { unsharded })).toEqual({ kind: 'holds' });
  });

  test('of a method that chooses while it trains compares updates in fp32 alone', () => {
    const halved = withPromises(withParameter(bf16, 'lora_B', longer(-0.5)), { smooth: false });
    expect(judge(matchesUnsharded, halved, { unsharded: readCell('lora-bf16-none').observation })).toEqual({
      kind: 'holds',
    });
    const exact = withPromises(withParameter(fp32, 'lora_B', longer(-0.5)), { smooth: false });
    expect(judge(matchesUnsharded, exact, { unsharded })).toHaveProperty(
      'message',
      'updates differ from the unsharded run',
    );
  });

  test.each<readonly [string, Cell, Record<string, Observation>]>([
    ['the reference was not run', fp32, {}],
    ['the cell did not train', readCell('dora-fp32-fsdp1-peft'), { unsharded }],
    ['the reference did not train', fp32, { unsharded: readCell('dora-fp32-fsdp1-peft').observation }],
    ['the reference is not finite', fp32, { unsharded: { ...unsharded, losses: [4, Number.NaN, 4] } }],
    ['the cell is not finite', withFacts(fp32, { losses: [4, Number.NaN, 4] }), { unsharded }],
  ])('has no evidence when %s', (_why, cell, references) => {
    expect(judge(matchesUnsharded, cell, references).kind).toBe('no-evidence');
  });

  test.each<readonly [string, Cell, (parameter: Trainable) => Partial<Trainable>]>([
    ['3 % in one bf16 update', bf16, longer(0.03)],
    ['-3 % in one bf16 update', bf16, longer(-0.03)],
    ['a bf16 update that is turned by 30 %', bf16, turned(0.3)],
    ['0.01 % in one fp32 update', fp32, longer(1e-4)],
    ['-0.01 % in one fp32 update', fp32, longer(-1e-4)],
    ['an fp32 update that is turned by 0.1 %', fp32, turned(1e-3)],
    ['a gradient that is counted twice', fp32, longer(1)],
    ['a gradient that is halved', bf16, longer(-0.5)],
    ['an update that is lost', bf16, longer(-1)],
  ])('sees %s, in every single parameter', (_fault, cell, change) => {
    for (const { name } of cell.observation.trainable ?? []) {
      expect(
        judge(matchesUnsharded, withParameter(cell, name, change), { unsharded: unshardedOf.get(cell) ?? unsharded }),
      ).toMatchObject({ kind: 'violated', phase: 'train', message: 'updates differ from the unsharded run' });
    }
  });

  test.each<readonly [string, Cell, (parameter: Trainable) => Partial<Trainable>]>([
    ['0.0002 % in an fp32 update', fp32, longer(2e-6)],
    ['0.5 % in a bf16 update', bf16, longer(5e-3)],
    ['an autocast update that is turned by 10 %', readCell('lora-autocast-ddp'), turned(0.1)],
  ])('takes %s for rounding', (_noise, cell, change) => {
    const reference = cell === bf16 ? 'lora-bf16-none' : cell === fp32 ? 'lora-fp32-none' : 'lora-autocast-none';
    expect(
      judge(matchesUnsharded, withParameter(cell, 'lora_A', change), { unsharded: readCell(reference).observation }),
    ).toEqual({ kind: 'holds' });
  });

  test.each<readonly [string, Cell, string]>([
    [
      'a first loss that is off by 0.001 %',
      withFacts(fp32, { losses: (unsharded.losses ?? []).map((loss) => loss * 1.000_01) }),
      'the first loss differs from the unsharded run',
    ],
    [
      'another first loss',
      withFacts(fp32, { losses: [4.6, 4.67, 4.45] }),
      'the first loss differs from the unsharded run',
    ],
    [
      'another later loss',
      withFacts(fp32, { losses: [...(unsharded.losses ?? []).slice(0, 2), 4.4] }),
      'later losses differ from the unsharded run',
    ],
    [
      'other frozen weights',
      withFacts(fp32, { frozen: { count: 21, digest: '0000000000000000', changed: [] } }),
      'frozen weights differ from the unsharded run before training',
    ],
    [
      'a parameter that is not trainable here',
      withFacts(fp32, { trainable: (fp32.observation.trainable ?? []).slice(1) }),
      'trainable parameters, their shapes or dtypes differ from the unsharded run',
    ],
    [
      'a parameter of another dtype',
      withParameter(fp32, 'lora_A', () => ({ dtype: 'bfloat16' })),
      'trainable parameters, their shapes or dtypes differ from the unsharded run',
    ],
    [
      'another starting value',
      withParameter(fp32, 'lora_A', ({ norm }) => ({ norm: norm * 1.01 })),
      'trainable parameters started from other values than in the unsharded run',
    ],
    [
      'other outputs',
      withFacts(fp32, {
        outputs: {
          ...outputsOf(fp32),
          sketch: outputsOf(fp32).sketch.map((value) => value + 0.1 * outputsOf(fp32).norm),
        },
      }),
      'outputs of the trained model differ from the unsharded run',
    ],
    [
      'outputs of another shape',
      withFacts(fp32, { outputs: { ...outputsOf(fp32), shape: [1] } }),
      'outputs have another shape or dtype than in the unsharded run',
    ],
  ])('sees %s', (_fault, cell, message) => {
    expect(judge(matchesUnsharded, cell, { unsharded })).toMatchObject({ kind: 'violated', message });
  });

  test("allows the dtype in which FSDP's own mixed precision puts out, and no other shape", () => {
    const mixed = withConfig(fp32, { mixed_precision: 'bf16' });
    const coarse = withFacts(mixed, { outputs: { ...outputsOf(fp32), dtype: 'bfloat16' } });
    expect(judge(matchesUnsharded, coarse, { unsharded })).toEqual({ kind: 'holds' });
    const other = withFacts(mixed, { outputs: { ...outputsOf(fp32), shape: [1] } });
    expect(judge(matchesUnsharded, other, { unsharded }).kind).toBe('violated');
  });

  test('compares what there is of a cell that stopped while training', () => {
    const cut = withoutFacts(withFacts(fp32, { losses: [9] }), 'trainable', 'frozen', 'outputs', 'checkpoint');
    expect(judge(matchesUnsharded, cut, { unsharded })).toHaveProperty(
      'message',
      'the first loss differs from the unsharded run',
    );
  });
});

function outputsOf({ observation }: Cell): NonNullable<Observation['outputs']> {
  if (observation.outputs === undefined) throw new Error('The fixture has no outputs');
  return observation.outputs;
}
