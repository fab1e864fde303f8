import { describe, expect, test } from 'vitest';
import type { Observation } from '../containers/observation.ts';
import { cellsWithUsages, findings, readCell, withFacts, withoutFacts, withPromises } from './fixtures/cells.ts';
import { lifeOf } from './life.ts';
import { mergeAgrees } from './merge-agrees.ts';

type Merged = NonNullable<Observation['merged']>;

const lora = readCell('lora-fp32-none');
const healthy: Merged = {
  distance: 3e-7,
  dtypes: [],
  twice: { raised: 'ValueError' },
  unloaded: { distance: 3e-7 },
  safe: { raised: 'ValueError', changed: [] },
  unmerged: 2e-7,
  restored: 1e-7,
};
const merged = (facts: Partial<Merged>, cell = lora): readonly string[] =>
  findings(mergeAgrees, withFacts(cell, { merged: { ...healthy, ...facts } }));

describe('merge-agrees', () => {
  test.each(cellsWithUsages)('holds on the real cell %s', (name) => {
    expect(findings(mergeAgrees, readCell(name))).toEqual(['holds']);
  });

  test('holds where merging agrees, and twice is refused or harmless', () => {
    expect(merged({})).toEqual(['holds']);
    expect(merged({ twice: { distance: 3e-7 } })).toEqual(['holds']);
  });

  test.each<readonly [string, Partial<Merged>, string]>([
    [
      'DoRA on a Conv1D until 0.10',
      { distance: 0.1556, unloaded: { distance: 0.1556 } },
      'merge: merged outputs differ from those of the adapter',
    ],
    [
      'a gradient that ends at the merged layer',
      { gradient: 1 },
      'merge: gradients through the merged model differ from those of the adapter',
    ],
    ['outputs of NaN', { distance: Number.NaN }, 'merge: merged outputs differ from those of the adapter'],
    [
      'what was added twice until 0.8.1, once though nothing else agrees then',
      { twice: { distance: 0.1841 }, unmerged: 0.1841, restored: 0.1 },
      'merge: merging a second time changes the outputs',
    ],
    ['IA3 in bf16 until 0.10', { dtypes: ['q_proj.weight'] }, 'merge: merging changed the dtypes of base weights'],
    [
      'LoHa until 0.8.2',
      { safe: { raised: 'ValueError', changed: ['q_proj.weight'] } },
      'merge: a safe_merge that failed changed base weights',
    ],
    ['a NaN that goes through', { safe: { changed: [] } }, 'merge: safe_merge accepts an adapter with a NaN in it'],
    [
      'another unload',
      { unloaded: { distance: 0.1 } },
      'merge: outputs after merge_and_unload differ from those of the adapter',
    ],
    [
      'a safe merge that transposes what the plain one does not',
      { safelyUnloaded: { distance: 0.1 } },
      'merge: outputs after merge_and_unload with safe_merge differ from those of the adapter',
    ],
    [
      'a refused safe merge',
      { safelyUnloaded: { raised: 'TypeError' } },
      'merge: merge_and_unload with safe_merge raised TypeError',
    ],
    ['a refused unload', { unloaded: { raised: 'KeyError' } }, 'merge: merge_and_unload raised KeyError'],
    ['OFT 0.16', { unmerged: 1.399e-3, restored: 1e-3 }, 'unmerge: unmerging does not restore the base weights'],
    ['outputs alone', { unmerged: 1.399e-3 }, 'unmerge: outputs differ after merging and unmerging'],
  ])('sees %s', (_bug, fault, finding) => {
    expect(merged(fault)).toEqual([finding]);
  });

  test('holds a gradient in 16 bits to nothing', () => {
    const { subject, observation } = withFacts(lora, { merged: { ...healthy, gradient: 0.1 } });
    const coarse = { ...subject, config: { ...subject.config, precision: 'bf16' } };
    expect(findings(mergeAgrees, { ...lora, subject: coarse, observation })).toEqual(['holds']);
  });

  test('tells of independent faults one by one', () => {
    expect(merged({ distance: 0.2, dtypes: ['a'], restored: 0.2 })).toEqual([
      'merge: merged outputs differ from those of the adapter',
      'merge: merging changed the dtypes of base weights',
      'unmerge: unmerging does not restore the base weights',
    ]);
  });

  test('of a method that approximates sees gross errors alone', () => {
    const approximate = withPromises(lora, { merge: 'approximate', unmerge: 'approximate' });
    expect(
      merged({ distance: 2e-3, unloaded: { distance: 2e-3 }, unmerged: 1.4e-3, restored: 1.4e-3 }, approximate),
    ).toEqual(['holds']);
    expect(merged({ distance: 0.1 }, approximate)).toEqual(['merge: merged outputs differ from those of the adapter']);
  });

  test('asks nothing of unmerging where the method does not offer it', () => {
    const oneWay = withPromises(lora, { unmerge: 'no' });
    expect(merged({ unmerged: 1, restored: 1 }, oneWay)).toEqual(['holds']);
    expect(mergeAgrees.applies(withPromises(lora, { merge: 'no' }).subject)).toBe(false);
    expect(lifeOf(oneWay.subject).usages.flat()).not.toContain('unmerge');
  });

  test('allows what bf16 rounds, to weights at rest less than to outputs', () => {
    const bf16 = readCell('lora-bf16-none');
    expect(merged({ distance: 0.01, unloaded: { distance: 0.01 }, unmerged: 0.01, restored: 4e-3 }, bf16)).toEqual([
      'holds',
    ]);
    expect(merged({ restored: 0.04 }, bf16)).toEqual(['unmerge: unmerging does not restore the base weights']);
    expect(merged({ restored: 0.01 }, readCell('lora-autocast-none'))).toEqual([
      'unmerge: unmerging does not restore the base weights',
    ]);
  });

  test('judges a merge whose unmerge failed, and has no evidence without a merge', () => {
    const { unmerged: _unmerged, restored: _restored, safe: _safe, ...cut } = healthy;
    expect(findings(mergeAgrees, withFacts(lora, { merged: cut }))).toEqual(['holds']);
    expect(findings(mergeAgrees, withoutFacts(lora, 'merged'))).toEqual(['no-evidence']);
  });

  test('asks for the usage of adapters alone, and for no reference', () => {
    expect(mergeAgrees.usages?.(lora.subject)).toEqual(['merge']);
    expect(mergeAgrees.applies(readCell('lora-fp32-fsdp1').subject)).toBe(false);
    expect(mergeAgrees.references).toBeUndefined();
  });
});
