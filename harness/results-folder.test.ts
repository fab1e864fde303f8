import { lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InfrastructureError, InputError } from '../matrices/errors.ts';
import { checkpointsIn } from './checkpoints.ts';
import { readReport } from './read-report.ts';
import { ResultsFolder } from './results-folder.ts';

let parent: string;
let results: ResultsFolder;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'results-'));
  results = new ResultsFolder(join(parent, '.peft-matrix'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

test('it ignores itself', async () => {
  await results.create();
  await results.create();
  await expect(readFile(join(results.path, '.gitignore'), 'utf8')).resolves.toBe('*\n');
});

test("the user's own .gitignore in the folder stays as it is", async () => {
  await mkdir(results.path);
  await writeFile(join(results.path, '.gitignore'), 'dist\n');
  await results.create();
  await results.remove();
  await expect(readFile(join(results.path, '.gitignore'), 'utf8')).resolves.toBe('dist\n');
});

describe('a folder that there cannot be is refused', () => {
  test.each(['', 'deeper/down'])('because a file is in the way of %j below it', async (below) => {
    await writeFile(results.path, 'mine');
    const refusal = new ResultsFolder(join(results.path, below)).create();
    await expect(refusal).rejects.toThrow(InputError);
    await expect(refusal).rejects.toThrow(/ is a file, not a folder\. Name another folder with --results/u);
    await expect(readFile(results.path, 'utf8')).resolves.toBe('mine');
  });

  test.each(['/proc/results', '/proc/results/deeper'])(
    'because %s is where nobody can make one, which Node retries for ever',
    { timeout: 5000 },
    async (path) => {
      const refusal = new ResultsFolder(path).create();
      await expect(refusal).rejects.toThrow(InputError);
      await expect(refusal).rejects.toThrow(/^--results \/proc\/results.*ENOENT.* Name another folder/u);
    },
  );
});

describe('a campaign that is published', () => {
  test('is read by its id and as the latest, until another is', async () => {
    await results.publish('first-1', { 'report.md': 'one' });
    await results.publish('second-2', { 'report.md': 'two' });
    await expect(results.read(undefined, 'report.md')).resolves.toBe('two');
    await expect(results.read('first-1', 'report.md')).resolves.toBe('one');
    await expect(readlink(results.latest)).resolves.toBe(join('campaigns', 'second-2'));
  });

  test('replaces its files whole, and leaves nothing beside them', async () => {
    await results.publish('one', { 'report.md': 'a longer text' });
    await results.publish('one', { 'report.md': 'short' });
    await expect(results.read('one', 'report.md')).resolves.toBe('short');
    await expect(readdir(results.campaign('one'))).resolves.toEqual(['report.md']);
    await expect(readdir(results.path)).resolves.toEqual(['campaigns', 'latest']);
  });

  test('at the same time as others leaves one of them the latest', async () => {
    await Promise.allSettled(['a', 'b', 'c'].map((id) => results.publish(id, { 'report.md': id })));
    expect(['a', 'b', 'c']).toContain(await results.read(undefined, 'report.md'));
    await expect(readdir(join(results.path, 'campaigns'))).resolves.toEqual(['a', 'b', 'c']);
  });

  test('cannot be when a file is in the way', async () => {
    await writeFile(results.path, 'mine');
    const refusal = results.publish('one', { 'report.md': '' });
    await expect(refusal).rejects.toThrow(InfrastructureError);
    await expect(refusal).rejects.toThrow(/Cannot write .*EEXIST.*choose another folder with --results/u);
    await expect(readFile(results.path, 'utf8')).resolves.toBe('mine');
  });
});

test.each(['../../etc', '/etc', '.', '..', '', 'a/b', 'a\0b', 'a'.repeat(300), 'no-such'])(
  'nothing is read of the campaign %j',
  async (id) => {
    await results.create();
    await expect(results.read(id, 'report.json')).resolves.toBeUndefined();
  },
);

describe('removing', () => {
  test('takes what is ours, and the folder', async () => {
    await results.create();
    await writeFile(results.ledger, '');
    await writeFile(`${results.ledger}-wal`, '');
    await results.publish('one', { 'report.md': '' });
    await checkpointsIn(results.checkpoints).keep({ writer: 'a', outputs: 'b' }, {});
    await results.remove();
    await expect(readdir(parent)).resolves.toEqual([]);
  });

  test('leaves what is not ours', async () => {
    await results.create();
    await writeFile(join(results.path, 'notes.txt'), '');
    await results.remove();
    await expect(readdir(results.path)).resolves.toEqual(['notes.txt']);
  });

  test('is no error where there is nothing', async () => {
    await expect(results.remove()).resolves.toBeUndefined();
  });

  test('does not follow the link to the latest', async () => {
    const elsewhere = join(parent, 'elsewhere');
    await mkdir(elsewhere);
    await results.publish('one', {});
    await results.remove();
    await expect(lstat(elsewhere)).resolves.toBeDefined();
  });
});

describe('a report that cannot be read', () => {
  test.each(['', '{"campaign":', '{}', '[]', 'null'])('%j', async (text) => {
    await results.publish('one', { 'report.json': text });
    const reading = readReport(results, 'one');
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(/The report of one in .* cannot be read: .*Run its matrix again/u);
  });

  test('because it is not there', async () => {
    await expect(readReport(results, undefined)).rejects.toThrow(/There is no campaign yet in .*Start one/u);
    await expect(readReport(results, 'one')).rejects.toThrow(/There is no campaign one in /u);
  });
});
