import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lt } from '@renovatebot/pep440';
import { expect, test } from 'vitest';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { renderMatrixMarkdown } from '../reports/support-matrix/render-matrix-markdown.ts';
import { supportMatrixSchema } from '../reports/support-matrix/support-matrix-model.ts';

const folder = join(import.meta.dirname, '../docs/matrix');
const matrix = supportMatrixSchema.parse(JSON.parse(await readFile(join(folder, 'matrix.json'), 'utf8')));

test('the published tables say what the published data say', async () => {
  expect(await readFile(join(folder, 'matrix.md'), 'utf8')).toBe(renderMatrixMarkdown(matrix));
});

test('the published matrix has every minor release, sharding, precision and method, and nothing runs before it is there', async () => {
  const { adapters } = await loadCatalogue();
  expect(matrix.releases.map((release) => release.split('.')[1])).toEqual(
    Array.from({ length: 14 }, (_, place) => String(8 + place)),
  );
  for (const { name, since } of adapters) {
    const rows = matrix.rows.filter(({ method }) => method === name);
    expect(new Set(rows.map(({ sharding }) => sharding)), name).toEqual(new Set(['none', 'ddp', 'fsdp1', 'fsdp2']));
    expect(new Set(rows.map(({ precision }) => precision)), name).toEqual(new Set(['fp32', 'bf16']));
    const early = matrix.releases.filter((release) => since !== undefined && lt(release, since));
    const states = rows.flatMap(({ cells }) => early.map((release) => cells[release]?.state ?? 'unknown'));
    expect(
      states.filter((state) => state !== 'not-offered' && state !== 'unknown'),
      name,
    ).toEqual([]);
  }
});
