import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diffJsonSchema } from './diff/diff-model.ts';
import { bisectJsonSchema } from './bisect-model.ts';
import { eventJsonSchema } from './events.ts';
import { doctorJsonSchema } from './machine-findings.ts';
import { nightJsonSchema } from './night/night-model.ts';
import { reportJsonSchema } from './report-model.ts';
import { supportMatrixJsonSchema } from './support-matrix/support-matrix-model.ts';
import { verdictsJsonSchema } from './verdicts-model.ts';

test.each([
  ['report', reportJsonSchema],
  ['event', eventJsonSchema],
  ['doctor', doctorJsonSchema],
  ['verdicts', verdictsJsonSchema],
  ['support-matrix', supportMatrixJsonSchema],
  ['diff', diffJsonSchema],
  ['bisect', bisectJsonSchema],
  ['night', nightJsonSchema],
])('the published schema %s.json is that of the code', async (name, schema) => {
  const published: unknown = JSON.parse(await readFile(join(import.meta.dirname, 'schema', `${name}.json`), 'utf8'));
  expect(published, `write the output of peft-matrix schema ${name} to reports/schema/${name}.json`).toEqual(schema());
});
