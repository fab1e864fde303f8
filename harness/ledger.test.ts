import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InfrastructureError } from '../matrices/errors.ts';
import { cellOf, hello, observationOf } from './fixtures/cells.ts';
import { Ledger } from './ledger.ts';
import { guardLedger, openLedgerFile } from './ledger/ledger-file.ts';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledger-'));
  path = join(folder, 'below', 'ledger.sqlite');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { identity, attempt } = cellOf();

describe('an observation', () => {
  test('is found again, by another process on another day', () => {
    {
      using ledger = new Ledger(path);
      ledger.record(identity, attempt, observationOf(1.5), { wallMs: 3 });
    }
    using ledger = new Ledger(path);
    expect(ledger.find(identity, attempt)).toEqual(observationOf(1.5));
    expect(ledger.countObservations()).toBe(1);
  });

  test('keeps numbers that JSON does not have', () => {
    using ledger = new Ledger(':memory:');
    const losses = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324, 0.1 + 0.2];
    ledger.record(identity, attempt, { ...observationOf(0), losses }, { rate: Number.NaN });
    expect(ledger.find(identity, attempt)?.losses?.map(String)).toEqual(losses.map(String));
  });

  test('is written once: the first stays', () => {
    using ledger = new Ledger(':memory:');
    ledger.record(identity, attempt, observationOf(1), {});
    ledger.record(identity, attempt, observationOf(2), {});
    expect(ledger.find(identity, attempt)).toEqual(observationOf(1));
  });

  test('belongs to one cell, one attempt, and to cold or warm', () => {
    using ledger = new Ledger(':memory:');
    ledger.record(identity, attempt, observationOf(1), {});
    expect(ledger.find(cellOf({ rank: 8 }).identity, attempt)).toBeUndefined();
    expect(ledger.find({ ...identity, versions: { ...hello.versions, peft: '0.20.0' } }, attempt)).toBeUndefined();
    expect(ledger.find(identity, { number: 1, cold: false })).toBeUndefined();
    expect(ledger.find(identity, { number: 0, cold: true })).toBeUndefined();
  });
});

test('a handshake is replaced by a newer one', () => {
  using ledger = new Ledger(':memory:');
  expect(ledger.findHandshake('lock')).toBeUndefined();
  ledger.recordHandshake('lock', hello);
  ledger.recordHandshake('lock', { ...hello, devices: 2 });
  expect(ledger.findHandshake('lock')).toEqual({ ...hello, devices: 2 });
});

test('failures are found by the beginning of their id, which is no pattern', () => {
  using ledger = new Ledger(':memory:');
  for (const id of ['ab12', 'ab34', 'cd56']) ledger.recordFailure(id, { id });
  expect(ledger.findFailures('ab')).toEqual([{ id: 'ab12' }, { id: 'ab34' }]);
  expect(ledger.findFailures('%')).toEqual([]);
  expect(ledger.findFailures('AB')).toEqual([]);
});

test('two processes write at once, and nothing is lost or written twice', async () => {
  const script = join(import.meta.dirname, 'fixtures/write-ledger.ts');
  await Promise.all(['1', '2'].map((loss) => execa(process.execPath, [script, path, loss])));
  using ledger = new Ledger(path);
  expect(ledger.countObservations()).toBe(100);
  const found = Array.from({ length: 100 }, (_, rank) => ledger.find(cellOf({ rank }).identity, attempt)?.losses?.[0]);
  expect(found.every((loss) => loss === 1 || loss === 2)).toBe(true);
});

const edit = (statement: string): void => {
  using database = new DatabaseSync(path);
  database.exec(statement);
};

/** Overwrites the pages behind the first few, which tell of the tables. */
const damagePages = async (): Promise<void> => {
  {
    using ledger = new Ledger(path);
    for (let seed = 0; seed < 200; seed++) {
      ledger.record({ ...identity, request: { ...identity.request, seed } }, attempt, observationOf(1), {});
    }
  }
  const content = await readFile(path);
  await writeFile(path, content.fill(0xa5, 16 * 4_096));
};

describe('a file that is damaged', () => {
  test.each([
    ['is no JSON', '\'{"phases":\''],
    ['is no observation', "'{}'"],
    ['has lost a part', "replace(observation, '\"ranks\":1,', '')"],
  ])('a row that %s is an error with what to do, not a cell that was not run', (_, value) => {
    {
      using ledger = new Ledger(path);
      ledger.record(identity, attempt, observationOf(1), {});
    }
    edit(`UPDATE observations SET observation = ${value}`);
    using ledger = new Ledger(path);
    expect(() => ledger.find(identity, attempt)).toThrow(InfrastructureError);
    expect(() => ledger.find(identity, attempt)).toThrow(/ledger\.sqlite is damaged \([^]*It was left as it is\./u);
  });

  test('is refused when it is opened, and left as it is', async () => {
    await writeFile(join(folder, 'garbage'), 'this is no database'.repeat(500));
    expect(() => new Ledger(join(folder, 'garbage'))).toThrow(/is damaged \(file is not a database\)/u);
    await expect(readFile(join(folder, 'garbage'), 'utf8')).resolves.toBe('this is no database'.repeat(500));
  });

  test('within is refused when it is opened, too', async () => {
    await damagePages();
    expect(() => new Ledger(path)).toThrow(/ledger\.sqlite is damaged \(malformed/u);
  });

  test('within, and too large to be looked through, is an error where it is read', async () => {
    await damagePages();
    using database = openLedgerFile(path, 0);
    const read = (): unknown => database.prepare('SELECT observation FROM observations').all();
    expect(() => guardLedger(path, read)).toThrow(/ledger\.sqlite is damaged \(database disk image is malformed\)/u);
  });

  test('or newer than we are is refused as well', () => {
    new Ledger(path)[Symbol.dispose]();
    edit('PRAGMA user_version = 2');
    expect(() => new Ledger(path)).toThrow(/another version of peft-matrix \(tables of version 2, this one reads 1\)/u);
  });
});

test('a folder in place of the file is an error with what to do', () => {
  expect(() => new Ledger(folder)).toThrow(/cannot be used: unable to open database file; .* --results/u);
});
