import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCatalogue, loadKnownIssues } from '../../matrices/catalogue.ts';
import type { Expectation } from '../../matrices/expectation.ts';
import { matchExpectation } from '../../matrices/expectation.ts';
import { normalise } from '../../matrices/normalise.ts';
import type { Bisect } from '../bisect-model.ts';
import { bisectOf, culpritOf } from '../fixtures/bisects.ts';
import { formatKnownIssue } from './known-issue-entry.ts';

const catalogue = await loadCatalogue();

const bisect = bisectOf({
  failure: {
    id: '9e14b125',
    property: 'runs',
    phase: 'wrap',
    exception: 'ValueError',
    message: 'Must flatten: #, `requires_grad` {of} "\'all\'"',
    minimal: { adapter: 'dora', sharding: 'fsdp1', use_orig_params: false, rank: 1 },
    versions: { peft: '0.11.1', torch: '2.13.0' },
  },
});

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'known-issue-'))));
afterAll(() => rm(folder, { recursive: true }));

/** What `--known-issues` makes of the entry. */
const entryOf = async (found: Bisect): Promise<Expectation> => {
  const file = join(folder, 'mine.yaml');
  await writeFile(file, formatKnownIssue(found, found));
  const [entry, ...others] = await loadKnownIssues(file, catalogue, ['runs']);
  expect(others).toEqual([]);
  return entry ?? expect.unreachable();
};

/** The releases of PEFT on which an entry names the failure, among some. */
const namedOn = (entry: Expectation, change: Partial<Bisect['failure']> = {}): readonly string[] => {
  const { property, phase, exception, message, minimal } = { ...bisect.failure, ...change };
  const config = normalise(catalogue.axes, minimal);
  return ['0.9.0', '0.10.0', '0.11.0', '0.11.1', '0.12.0', '0.21.2'].filter(
    (peft) =>
      matchExpectation({ property, phase, exception, message, config, versions: { peft } }, [entry]) !== undefined,
  );
};

test('an entry that is pasted names the failure where a bisect found it, and nothing else', async () => {
  const since = { package: 'peft', version: '0.10.0' };
  const fixedIn = { package: 'peft', version: '0.12.0', skipped: ['0.11.1'] };
  const entry = await entryOf({ ...bisect, since, fixedIn });
  expect(namedOn(entry)).toEqual(['0.10.0', '0.11.0', '0.11.1']);
  expect(namedOn(entry, { phase: 'train' })).toEqual([]);
  expect(namedOn(entry, { message: 'Must flatten: #' })).toEqual([]);
  expect(namedOn(entry, { minimal: { ...bisect.failure.minimal, rank: 4 } })).toEqual([]);
});

test('a newer end that nobody found stays open, and a release that could not be asked is spoken of', async () => {
  const since = { package: 'peft', version: '0.12.0', skipped: ['0.11.0', '0.11.1'] };
  expect(namedOn(await entryOf({ ...bisect, since }))).toEqual(['0.11.0', '0.11.1', '0.12.0', '0.21.2']);
});

test('nothing is said of releases older than those that were seen to show it', async () => {
  const fixedIn = { package: 'peft', version: '0.12.0' };
  expect(namedOn(await entryOf({ ...bisect, fixedIn }))).toEqual(['0.11.1']);
  const [bad, good] = [{ kind: 'bad' }, { kind: 'good' }] as const;
  const candidates = [
    { version: '0.9.0' },
    { version: '0.10.0', answer: bad },
    { version: '0.11.1', answer: bad },
    { version: '0.12.0', answer: good },
  ];
  const releases = [{ package: 'peft', others: 'held', candidates, changes: [], rounds: 1 }] as const;
  expect(namedOn(await entryOf({ ...bisect, fixedIn, releases }))).toEqual(['0.10.0', '0.11.0', '0.11.1']);
  expect(formatKnownIssue({ ...bisect, fixedIn, releases }, { fixedIn, culprits: [] })).toContain(
    '# Whether a peft older than 0.10.0 shows it is not known.',
  );
  expect(namedOn(await entryOf(bisect))).toEqual(['0.11.1', '0.12.0', '0.21.2']);
});

test('what an earlier bisect found bounds it too; packages that did it together are all named', () => {
  const fixedIn = { package: 'peft', version: '0.12.0' };
  const since = { package: 'transformers', version: '4.40.0' };
  expect(formatKnownIssue({ ...bisect, fixedIn }, { fixedIn, since, culprits: [] })).toContain(
    "versions: {transformers: '>=4.40.0', peft: '>=0.11.1,<0.12.0'}",
  );
  const culprits = [
    culpritOf({ package: 'numpy', before: '1.26.4', after: '2.0.0', proof: 'smallest-set' }),
    culpritOf({ package: 'torch', before: '2.2.0', after: '2.3.0', proof: 'smallest-set' }),
  ];
  expect(formatKnownIssue({ ...bisect, culprits }, { culprits })).toContain(
    "versions: {numpy: '>=2.0.0', torch: '>=2.3.0'}",
  );
});
