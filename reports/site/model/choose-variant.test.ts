import { expect, test } from 'vitest';
import { rowOf, supportCellOf } from '../../fixtures/matrices.ts';
import { indexOf } from '../fixtures/index-of.ts';
import { chooseVariant, evidenceFor, missingValues } from './choose-variant.ts';
import { filterLines, filterUnasked, matrixView, runsIn } from './matrix-view.ts';

const cells = { '0.21.2': supportCellOf({ state: 'works', pass: 2 }) };
const index = indexOf({
  methods: ['none', 'lora', 'dora'].map((name) => ({ name, configClass: null })),
  rows: [
    rowOf({ cells }),
    rowOf({ sharding: 'fsdp1', evidence: 1, cells }),
    rowOf({
      sharding: 'fsdp1',
      precision: 'bf16',
      evidence: 1,
      cells: { '0.21.2': supportCellOf({ pass: 0, fail: 1, state: 'fails' }) },
    }),
    rowOf({ sharding: 'fsdp1', evidence: 2, cells: { '0.20.0': supportCellOf({ state: 'works', pass: 7 }) } }),
    rowOf({ method: 'dora', cells: { '0.20.0': supportCellOf({ state: 'not-offered', pass: 0 }) } }),
  ],
});
const slugOf = (params: Readonly<Record<string, string>>): string | undefined =>
  chooseVariant(index, params).evidence?.slug;

test('one kind of evidence is shown, never all of them', () => {
  expect(index.evidence.map(({ slug }) => slug)).toEqual(['cpu', 'cpu-gloo-2', 'cuda-nccl-2']);
  expect(slugOf({})).toBe('cpu');
  expect(slugOf({ on: 'cuda-nccl-2' })).toBe('cuda-nccl-2');
  expect(slugOf({ on: 'made-up' })).toBe('cpu');
});

test('a sharding is shown where it was run', () => {
  expect(slugOf({ sharding: 'fsdp1' })).toBe('cpu-gloo-2');
  expect(chooseVariant(index, { sharding: 'fsdp1', on: 'cpu' })).toMatchObject({
    sharding: undefined,
    evidence: { slug: 'cpu' },
  });
  const [cpu, gloo, nccl] = index.evidence;
  expect(evidenceFor(index, 'fsdp1', cpu)).toBe(gloo);
  expect(evidenceFor(index, 'fsdp1', nccl)).toBe(nccl);
  expect(evidenceFor(index, 'none', nccl)).toBe(cpu);
});

test('a place adds up runs of its own kind of evidence alone', () => {
  const view = matrixView(index, chooseVariant(index, { on: 'cpu-gloo-2' }));
  expect(view.lines).toMatchObject([
    { method: 'lora', places: [{ state: 'unknown' }, { state: 'partly', pass: 2, fail: 1 }] },
  ]);
  expect(runsIn(view.lines)).toBe(3);
  const bf16 = matrixView(index, chooseVariant(index, { on: 'cpu-gloo-2', precision: 'bf16' }));
  expect(bf16.lines).toMatchObject([{ places: [{ state: 'unknown' }, { state: 'fails', fail: 1 }] }]);
});

test('a method of which nothing is known is told apart from one that is not offered', () => {
  const view = matrixView(index, chooseVariant(index, { on: 'cpu' }));
  expect(view.unasked).toEqual(['none']);
  expect(view.lines.map(({ method, places }) => [method, ...places.map(({ state }) => state)])).toEqual([
    ['lora', 'unknown', 'works'],
    ['dora', 'not-offered', 'unknown'],
  ]);
});

test('lines are found by a part of their name and by a state', () => {
  const { lines } = matrixView(index, chooseVariant(index, { on: 'cpu' }));
  const found = (text: string, state?: 'works' | 'not-offered'): readonly string[] =>
    filterLines(lines, { text, state }).map(({ method }) => method);
  expect(found(' ORA')).toEqual(['lora', 'dora']);
  expect(found('d')).toEqual(['dora']);
  expect(found('', 'works')).toEqual(['lora']);
  expect(found('l', 'not-offered')).toEqual([]);
});

test.each([
  [{}, {}],
  [{ on: 'cpu-gloo-2', sharding: 'fsdp1', precision: 'bf16', method: 'lora', release: '0.21.2' }, {}],
  [
    { on: 'made-up', release: '0.12.0' },
    { on: 'made-up', release: '0.12.0' },
  ],
  [
    { method: 'nothing', precision: 'int4' },
    { method: 'nothing', precision: 'int4' },
  ],
  // It is there, but one process is not sharded.
  [{ on: 'cpu', sharding: 'fsdp1' }, { sharding: 'fsdp1' }],
  [{ q: 'whatever', 'with.rank': '3', constructor: 'x' }, {}],
])('what the address asks for and the data lack is told: %o', (params, missing) => {
  expect(missingValues(index, params, chooseVariant(index, params))).toEqual(missing);
});

test('what nothing was run of is unknown, and found as that', () => {
  const { unasked } = matrixView(index, chooseVariant(index, {}));
  expect(unasked).toEqual(['none']);
  expect(filterUnasked(unasked, { text: '', state: undefined })).toEqual(['none']);
  expect(filterUnasked(unasked, { text: 'NON', state: 'unknown' })).toEqual(['none']);
  expect(filterUnasked(unasked, { text: 'lora', state: 'unknown' })).toEqual([]);
  expect(filterUnasked(unasked, { text: '', state: 'works' })).toEqual([]);
});
