import { satisfies } from '@renovatebot/pep440';
import { beforeAll, expect, test } from 'vitest';
import { loadCatalogue, type Catalogue } from '../../matrices/catalogue.ts';
import { loadKnownBugs, type KnownBug } from './known-bugs.ts';
import { loadSetting } from './setting.ts';
import { loadSigns } from './signs.ts';

let catalogue: Catalogue;
let bugs: readonly KnownBug[];

beforeAll(async () => {
  catalogue = await loadCatalogue();
  bugs = await loadKnownBugs();
});

test('every entry of the corpus says how it is recognised, or why not', async () => {
  const recognised = await loadSigns(bugs, catalogue);
  expect(recognised.map(({ id }) => id)).toStrictEqual(bugs.map(({ id }) => id));
});

test('a corpus with one entry less, one more or another one is refused with the place', async () => {
  const [first, ...others] = bugs;
  await expect(loadSigns(others, catalogue)).rejects.toThrow(`expected ${others[0]?.id}, found ${first?.id}`);
  const more = first === undefined ? bugs : [...bugs, { ...first, id: 'more' }];
  await expect(loadSigns(more, catalogue)).rejects.toThrow('expected more, found the end');
});

test('every sign must be seen on a pin that is asked', async () => {
  const { pins } = await loadSetting(catalogue);
  const signs = (await loadSigns(bugs, catalogue)).flatMap((entry) => ('signs' in entry ? entry.signs : []));
  const unasked = signs.filter(({ shows }) => !pins.some(({ peft = '' }) => satisfies(peft, shows['peft'] ?? '')));
  expect(unasked).toStrictEqual([]);
});

test('an area is a matrix of one pin, with all values of an axis where it says so', async () => {
  const { pins, areas } = await loadSetting(catalogue);
  const [pin] = pins;
  const matrices = pin === undefined ? [] : areas.map(({ matrixOf }) => matrixOf(pin));
  expect(matrices.every((matrix) => matrix.pins.length === 1 && matrix.asOf === '2026-11-20')).toBe(true);
  const adapters = catalogue.axes.find(({ name }) => name === 'adapter')?.values;
  expect(matrices.map(({ axes }) => axes['adapter'])).toContainEqual(adapters);
});
