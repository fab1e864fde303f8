import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import { canonicalConfig, type Config } from '../matrices/config.ts';
import { allProperties } from './all.ts';
import { readCell, subjectOf, withFacts, withParameter, type Cell } from './fixtures/cells.ts';
import { judgeCell, requiredReferences, verdictOf, type Judging } from './judge.ts';

/** Sharding's own axes apply under sharding only. */
const normalise = (config: Config): Config =>
  Object.fromEntries(
    Object.entries(config).filter(
      ([axis]) => config['sharding'] === 'fsdp1' || !['strategy', 'use_orig_params', 'wrap'].includes(axis),
    ),
  );

const judging = (cells: readonly Cell[] = [], refusal?: string): Judging => {
  const known = new Map(cells.map(({ subject, observation }) => [canonicalConfig(subject.config), observation]));
  return {
    properties: allProperties,
    normalise,
    find: ({ config, attempt }): Observation | undefined =>
      attempt === 0 ? known.get(canonicalConfig(config)) : undefined,
    isRefusal: () => (refusal === undefined ? undefined : { id: 'some', because: refusal }),
  };
};

const verdict = (cell: Cell, how = judging()): ReturnType<typeof verdictOf> =>
  verdictOf(cell.subject, cell.observation, how);
const properties = (cell: Cell, how = judging()): readonly string[] =>
  verdict(cell, how).failures.map(({ signature }) => signature.property);

const lora = readCell('vera-fp32-noshard');
const reference = readCell('vera-fp32-none');
const stopped = readCell('dora-fp32-fsdp1-peft');

describe('judging a cell', () => {
  test('passes what holds, with and without references', () => {
    expect(verdict(lora, judging([reference]))).toMatchObject({ verdict: { kind: 'pass' }, failures: [] });
    expect(verdict(lora)).toMatchObject({ verdict: { kind: 'pass' }, failures: [] });
  });

  test('names what holds, and not what lacks its reference', () => {
    expect(verdict(lora, judging([reference])).held).toContain('matches-unsharded');
    expect(verdict(lora).held).not.toContain('matches-unsharded');
    expect(verdict(lora).held).toContain('runs');
  });

  test('finds references by normalised configs', () => {
    const wrong = withParameter(lora, 'vera_lambda_b', ({ update }) => ({
      update: { ...update, norm: update.norm * 2 },
    }));
    expect(properties(wrong, judging([reference]))).toEqual(['matches-unsharded']);
    expect(properties(wrong)).toEqual([]);
  });

  test('raises one alarm for a cell that stopped, not one for every fact that is therefore missing', () => {
    expect(properties(stopped, judging([reference]))).toEqual(['runs']);
    expect(properties(readCell('lora-fp32-fsdp1-flat'), judging([readCell('lora-fp32-none')]))).toEqual(['runs']);
  });

  test('still sees what a stopped cell showed before', () => {
    const cell = withFacts(stopped, { losses: [Number.NaN] });
    expect(properties(cell)).toEqual(['runs', 'finite-and-moving']);
    expect(verdict(cell).verdict).toMatchObject({
      kind: 'fail',
      signature: { property: 'runs', exception: 'IndexError' },
    });
  });

  test('raises one alarm for numbers that are not finite', () => {
    const cell = withFacts(lora, { losses: [4.6, Number.NaN, Number.NaN] });
    expect(properties(cell, judging([reference]))).toEqual(['finite-and-moving']);
  });

  test('calls a cell broken whose rank was killed for no known reason', () => {
    const cell = withFacts(lora, { losses: [Number.NaN], stop: { kind: 'killed', phase: 'train', rank: 1 } });
    expect(verdict(cell)).toMatchObject({
      verdict: {
        kind: 'broken',
        reason: 'rank 1 was killed in phase train and nothing says why (out of memory elsewhere on the machine?)',
      },
      failures: [],
    });
  });

  test('calls unsupported what PEFT refuses on purpose, unless something was wrong before', () => {
    const refusing = judging([], 'DoRA does not support this');
    expect(verdict(stopped, refusing)).toMatchObject({
      verdict: { kind: 'unsupported', reason: 'DoRA does not support this' },
      failures: [],
    });
    expect(properties(withFacts(stopped, { losses: [Number.NaN] }), refusing)).toEqual(['finite-and-moving']);
  });

  test('finds nothing wrong with a checkpoint of another release that PEFT refuses to read on purpose', () => {
    const exception = { type: 'ValueError', message: 'this checkpoint is too old', frames: [] };
    const stop = { kind: 'exception', phase: 'read', rank: 0, exception } as const;
    const reading = (because?: string): Judging => ({
      ...judging([], because),
      find: ({ reads }) => (reads === undefined ? reference.observation : { ...unread, stop }),
    });
    const unread: Observation = { phases: [], ranks: 1, backend: 'none' };
    expect(properties(reference, reading())).toEqual(['checkpoint-crosses-releases']);
    expect(properties(reference, reading('Written before PEFT 0.5'))).toEqual([]);
  });

  test('says what every property that applies makes of the cell, in their order', () => {
    expect(judgeCell(reference.subject, reference.observation, judging()).map(({ property }) => property)).toEqual([
      'runs',
      'starts-as-identity',
      'sharding-engaged',
      'trains-only-what-it-should',
      'finite-and-moving',
      'agrees-with-release',
      'disable-restores',
      'generate-agrees',
      'checkpoint-round-trip',
      'checkpoint-crosses-releases',
      'resume-continues',
      'adapters-do-not-leak',
      'merge-agrees',
      'same-seed-same-run',
      'memory-bounded',
    ]);
  });

  test('asks for each reference once', () => {
    expect(requiredReferences(lora.subject, judging())).toEqual([
      { config: normalise({ ...lora.subject.config, sharding: 'none' }), attempt: 0 },
      { config: lora.subject.config, attempt: 1 },
      { config: normalise({ ...lora.subject.config, sharding: 'none', adapter: 'none' }), attempt: 0 },
    ]);
    expect(requiredReferences(reference.subject, judging())).toEqual([
      { config: reference.subject.config, attempt: 0, pin: 'baseline' },
      { config: reference.subject.config, attempt: 0, reads: 'baseline' },
      { config: reference.subject.config, attempt: 1 },
      { config: { ...reference.subject.config, adapter: 'none' }, attempt: 0 },
    ]);
    expect(requiredReferences(subjectOf({ sharding: 'ddp' }), { properties: [], normalise })).toEqual([]);
  });
});

describe('the list of properties', () => {
  test('has unique ids, versions and a claim of one sentence each', () => {
    const ids = allProperties.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { claim, version } of allProperties) {
      expect(claim).toMatch(/^[A-Z].*[^.]\.$/);
      expect(version).toBeGreaterThanOrEqual(1);
    }
  });
});
