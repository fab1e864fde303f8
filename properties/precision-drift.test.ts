import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import {
  findings,
  readCell,
  withConfig,
  withFacts,
  withParameter,
  withPromises,
  type Cell,
  type Trainable,
} from './fixtures/cells.ts';
import { precisionDrift } from './precision-drift.ts';

const bf16 = readCell('lora-bf16-none');
const exact = readCell('lora-fp32-none').observation;
const scaled =
  (by: number) =>
  ({ update }: Trainable): Partial<Trainable> => ({
    update: { norm: by * update.norm, sketch: update.sketch.map((value) => by * value) },
  });
const everyParameter = (cell: Cell, part: string, by: number): Cell =>
  withFacts(cell, {
    trainable: (cell.observation.trainable ?? []).map((parameter) =>
      parameter.name.includes(part) ? { ...parameter, ...scaled(by)(parameter) } : parameter,
    ),
  });

describe('precision-drift', () => {
  test.each(['lora-bf16-none', 'lora-autocast-none'])('holds on the real cell %s', (name) => {
    expect(findings(precisionDrift, readCell(name), { exact })).toEqual(['holds']);
  });

  test('holds on a real cell of another seed', () => {
    const references = { exact: readCell('lora-fp32-usages').observation };
    expect(findings(precisionDrift, readCell('lora-bf16-usages'), references)).toEqual(['holds']);
  });

  test.each([
    ['lora-bf16-fsdp2', 'lora-bf16-none'],
    ['lora-autocast-ddp', 'lora-autocast-none'],
  ])('holds on the sharded cell %s by its unsharded twin', (name, twin) => {
    const references = { exact, unsharded: readCell(twin).observation };
    expect(findings(precisionDrift, readCell(name), references)).toEqual(['holds']);
  });

  test.each<readonly [string, Cell, string]>([
    [
      'an update that is lost',
      everyParameter(bf16, 'lora_B', 0),
      'updates are further from fp32 than rounding explains: lora_B',
    ],
    [
      'another scale',
      everyParameter(bf16, 'lora_', 1.1),
      'updates are further from fp32 than rounding explains: lora_A, lora_B',
    ],
    [
      'another first loss',
      withFacts(bf16, { losses: [5, 4.6, 4.4] }),
      'the first loss is further from fp32 than rounding explains',
    ],
    [
      'outputs of another size',
      withFacts(bf16, { outputs: louder(bf16.observation) }),
      'outputs of the trained model are further from fp32 than rounding explains',
    ],
  ])('sees %s', (_fault, cell, message) => {
    expect(findings(precisionDrift, cell, { exact })).toEqual([`train: ${message}`]);
  });

  test('takes a single small update that cancels for rounding', () => {
    const [small] = (bf16.observation.trainable ?? []).toSorted((left, right) => left.update.norm - right.update.norm);
    expect(findings(precisionDrift, withParameter(bf16, small?.name ?? '', scaled(0.8)), { exact })).toEqual(['holds']);
  });

  test('does not depend on the order of parameters', () => {
    const trainable = bf16.observation.trainable ?? [];
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...trainable], { minLength: trainable.length }),
        fc.constantFrom(1, 1.1),
        (shuffled, by) => {
          const cell = everyParameter(withFacts(bf16, { trainable: shuffled }), 'lora_B', by);
          expect(findings(precisionDrift, cell, { exact })).toEqual(
            findings(precisionDrift, everyParameter(bf16, 'lora_B', by), { exact }),
          );
        },
      ),
    );
  });

  test('compares losses alone where the method chooses while it trains', () => {
    const choosing = withPromises(everyParameter(bf16, 'lora_B', 0), { smooth: false });
    expect(findings(precisionDrift, choosing, { exact })).toEqual(['holds']);
  });

  test('has no evidence where a run is missing, stopped, or not finite', () => {
    const sharded = readCell('lora-bf16-fsdp2');
    expect(findings(precisionDrift, bf16)).toEqual(['no-evidence']);
    expect(findings(precisionDrift, sharded, { exact })).toEqual(['no-evidence']);
    expect(findings(precisionDrift, withFacts(bf16, { losses: [Number.NaN] }), { exact })).toEqual(['no-evidence']);
    expect(findings(precisionDrift, bf16, { exact: readCell('lora-fp32-fsdp1-flat').observation })).toEqual([
      'no-evidence',
    ]);
  });

  test('asks for the unsharded run in fp32, and for the unsharded twin of what is sharded', () => {
    const { subject } = bf16;
    const inFp32 = { exact: { config: { ...subject.config, precision: 'fp32' }, attempt: 0 } };
    expect(precisionDrift.references?.(subject)).toEqual(inFp32);
    expect(precisionDrift.references?.(withConfig(bf16, { sharding: 'ddp' }).subject)).toEqual({
      ...inFp32,
      unsharded: { config: subject.config, attempt: 0 },
    });
    expect(precisionDrift.applies(withConfig(bf16, { precision: 'fp32' }).subject)).toBe(false);
    expect(precisionDrift.applies(withPromises(bf16, { deterministic: false }).subject)).toBe(false);
  });
});

function louder({ outputs }: Observation): NonNullable<Observation['outputs']> {
  if (outputs === undefined) throw new Error('The fixture has no outputs');
  return { ...outputs, norm: 1.1 * outputs.norm, sketch: outputs.sketch.map((value) => 1.1 * value) };
}
