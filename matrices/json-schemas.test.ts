import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalogue } from './catalogue.ts';
import { formatJsonSchema, publishedSchemas } from './json-schemas.ts';

const folder = join(import.meta.dirname, 'schema');
const published = publishedSchemas((await loadCatalogue()).axes);

test('every published schema has a file and every file a schema', async () => {
  expect((await readdir(folder)).toSorted()).toEqual(Object.keys(published).toSorted());
});

test.each(Object.entries(published))(
  '%s is current (npm run peft-matrix -- schema writes it)',
  async (name, schema) => {
    expect(await readFile(join(folder, name), 'utf8')).toBe(formatJsonSchema(schema));
  },
);

test('the schema of a matrix knows the axes and their values', () => {
  const { properties } = published['matrix.json'] ?? {};
  const axes = properties?.['axes'];
  expect(typeof axes === 'object' && axes.properties?.['adapter']).toMatchObject({
    anyOf: [{ type: 'array', items: { enum: expect.arrayContaining(['none', 'lora', 'boft']) } }, { const: 'all' }],
  });
});
