import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCatalogue, loadKnownIssues } from '../matrices/catalogue.ts';
import { allProperties } from '../properties/all.ts';

test('every known issue that comes with us names a property that there is', async () => {
  const { axes, expectations } = await loadCatalogue();
  const path = join(import.meta.dirname, '../matrices/known-issues.yaml');
  const properties = allProperties.map(({ id }) => id);
  await expect(loadKnownIssues(path, { axes, expectations: [] }, properties)).resolves.toEqual(expectations);
});
