import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import { checkpointCrossesReleases } from './checkpoint-crosses-releases.ts';
import { findings, judge, readCell, withConfig, withFacts, withPromises } from './fixtures/cells.ts';

type Read = NonNullable<Observation['read']>;
type Outputs = NonNullable<Observation['outputs']>;

/** Real cells that save and load; each is the same on the older release. */
const names = ['lora-fp32-none', 'lora-fp32-usages', 'dora-fp32-usages', 'vera-fp32-usages', 'ia3-fp32-usages'];
const lora = readCell('lora-fp32-none');
const writer = lora.observation;

const outputsOf = ({ outputs }: Observation): Outputs => {
  if (outputs === undefined) throw new Error('The fixture has no outputs');
  return outputs;
};
const readingOf = (written: Observation, facts: Partial<Read> = {}): Observation => ({
  phases: [],
  ranks: 1,
  backend: 'none',
  read: { outputs: outputsOf(written), missing: [], unexpected: [], ...facts },
});
const scaled = (factor: number): Outputs => {
  const { norm, sketch, ...outputs } = outputsOf(writer);
  return { ...outputs, norm: factor * norm, sketch: sketch.map((value) => factor * value) };
};
const found = (facts: Partial<Read>): readonly string[] =>
  findings(checkpointCrossesReleases, lora, { writer, reader: readingOf(writer, facts) });

describe('checkpoint-crosses-releases', () => {
  test.each(names)('holds on the real cell %s, whose counterpart is read with the same outputs', (name) => {
    const cell = readCell(name);
    const references = { writer: cell.observation, reader: readingOf(cell.observation) };
    expect(findings(checkpointCrossesReleases, cell, references)).toEqual(['holds']);
  });

  test('holds within the roundings of the arithmetic', () => {
    expect(found({ outputs: scaled(1 + 1e-6) })).toEqual(['holds']);
  });

  const q = 'base_model.model.model.layers.0.self_attn.q_proj';
  test.each<readonly [string, Partial<Read>, string]>([
    ['other outputs', { outputs: scaled(1.001) }, 'gives other outputs'],
    ['outputs that are not finite', { outputs: scaled(Number.NaN) }, 'gives other outputs'],
    ['another shape', { outputs: { ...scaled(1), shape: [1] } }, 'gives outputs of another shape or dtype'],
    ['another dtype', { outputs: { ...scaled(1), dtype: 'bfloat16' } }, 'gives outputs of another shape or dtype'],
    ['keys that are missing', { missing: [`${q}.lora_A.default.weight`] }, 'lacks keys: lora_A'],
    ['keys that are left over', { unexpected: [`${q}.lora_C.default.weight`] }, 'has keys that are not loaded'],
    [
      'a key that was renamed, which is both',
      {
        missing: [`${q}.vera_A.default`],
        unexpected: [`${q}.vera_a.default`],
        outputs: scaled(2),
      },
      'lacks keys: vera_A',
    ],
  ])('sees %s', (_, facts, message) => {
    expect(found(facts)).toEqual([`read: a checkpoint of the next older release ${message}`]);
  });

  test('names the keys and the distance for people', () => {
    const reader = readingOf(writer, { missing: ['a.lora_A.default.weight'] });
    expect(judge(checkpointCrossesReleases, lora, { writer, reader })).toMatchObject({
      detail: 'missing: a.lora_A.default.weight; too many: none',
    });
    const other = readingOf(writer, { outputs: scaled(1.001) });
    expect(judge(checkpointCrossesReleases, lora, { writer, reader: other })).toMatchObject({
      detail: expect.stringMatching(/^relative distance about 0\.001\d*, bound [\d.e-]+$/),
    });
  });

  test('tells what was raised in place of reading', () => {
    const exception = { type: 'KeyError', message: "'vera_A'", frames: [] };
    const stop = { kind: 'exception', phase: 'read', rank: 0, exception } as const;
    const reader: Observation = { phases: [], ranks: 1, backend: 'none', stop };
    expect(judge(checkpointCrossesReleases, lora, { writer, reader })).toMatchObject({
      kind: 'violated',
      phase: 'read',
      exception: 'KeyError',
      message: "'vera_A'",
    });
  });

  test('is silent where a release does not read back what it wrote itself', () => {
    const { checkpoint } = writer;
    if (checkpoint === undefined) throw new Error('The fixture has no checkpoint');
    const broken = { checkpoint: { ...checkpoint, distance: 0.5 } };
    const reader = readingOf(writer, { outputs: scaled(2) });
    expect(findings(checkpointCrossesReleases, withFacts(lora, broken), { writer, reader })).toEqual(['no-evidence']);
    const wrote = withFacts(lora, broken).observation;
    expect(findings(checkpointCrossesReleases, lora, { writer: wrote, reader })).toEqual(['no-evidence']);
  });

  test('is silent where there is no older release, it wrote nothing, or its outputs are not finite', () => {
    expect(findings(checkpointCrossesReleases, lora)).toEqual(['no-evidence']);
    expect(findings(checkpointCrossesReleases, lora, { writer })).toEqual(['no-evidence']);
    const { checkpoint: _checkpoint, ...unsaved } = writer;
    expect(findings(checkpointCrossesReleases, lora, { writer: unsaved, reader: readingOf(writer) })).toEqual([
      'no-evidence',
    ]);
    const infinite = { ...writer, outputs: scaled(Number.NaN) };
    expect(findings(checkpointCrossesReleases, lora, { writer: infinite, reader: readingOf(infinite) })).toEqual([
      'no-evidence',
    ]);
  });

  test('asks for the same config on the baseline, and to read what that wrote, in fp32 on one process', () => {
    const { config } = lora.subject;
    expect(checkpointCrossesReleases.references?.(lora.subject)).toEqual({
      writer: { config, attempt: 0, pin: 'baseline' },
      reader: { config, attempt: 0, reads: 'baseline' },
    });
    expect(checkpointCrossesReleases.usages?.(lora.subject)).toEqual(['checkpoint']);
    const applies = [
      lora,
      withConfig(lora, { precision: 'bf16' }),
      withConfig(lora, { sharding: 'ddp' }),
      readCell('none-bf16-none'),
      withPromises(lora, { deterministic: false }),
    ].map(({ subject }) => checkpointCrossesReleases.applies(subject));
    expect(applies).toEqual([true, false, false, false, false]);
  });
});
