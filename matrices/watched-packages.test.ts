import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { furtherPackages, watchedPackages } from './watched-packages.ts';

test('the probe watches the same packages', async () => {
  const file = join(import.meta.dirname, '../containers/probe/peft_matrix_probe/libraries.py');
  const names = /^WATCHED = \((?<names>[^)]*)\)/mu.exec(await readFile(file, 'utf8'))?.groups?.['names'] ?? '';
  expect([...names.matchAll(/"(?<name>[^"]+)"/gu)].map(({ groups }) => groups?.['name'])).toEqual([...watchedPackages]);
});

test('the package of a tree is told, too', () => {
  const lock = { python: '3.11', device: 'cpu', platform: 'linux-x86_64', packages: {} } as const;
  const tree = { kind: 'tree', lock, package: 'tokenizers', path: '/tree' } as const;
  expect(furtherPackages({ source: tree })).toEqual(['tokenizers']);
  expect(furtherPackages({ source: { ...tree, package: 'peft' }, watch: ['regex', 'torch'] })).toEqual(['regex']);
});
