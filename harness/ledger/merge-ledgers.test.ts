import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../matrices/errors.ts';
import { cellOf, observationOf } from '../fixtures/cells.ts';
import { anyRows, contentOf } from '../fixtures/made-up-rows.ts';
import { Ledger } from '../ledger.ts';
import { absorbRows } from './absorb-rows.ts';
import { writeExport } from './exported-file.ts';
import { openLedgerFile } from './ledger-file.ts';
import { ledgerRows, type LedgerRow } from './ledger-rows.ts';
import { importFile, mergeLedger } from './merge-ledgers.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ledgers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A ledger in memory that took in lists of rows one after the other. */
const after = (...lists: readonly (readonly LedgerRow[])[]): DatabaseSync => {
  const database = openLedgerFile(':memory:');
  for (const rows of lists) absorbRows(database, rows);
  return database;
};

const rowsOf = (...lists: readonly (readonly LedgerRow[])[]): readonly LedgerRow[] => {
  using database = after(...lists);
  return [...ledgerRows(database)];
};

const contentAfter = (...lists: readonly (readonly LedgerRow[])[]): unknown => {
  using database = after(...lists);
  return contentOf(database);
};

const observations = (rows: readonly LedgerRow[]): readonly string[] =>
  rows.filter(({ table }) => table === 'observations').map((row) => JSON.stringify(row));

const foreignDatabase = (path: string): void => {
  using database = new DatabaseSync(path);
  database.exec('CREATE TABLE observations (a)');
};

describe('merging', () => {
  test('gives the same in any order, however often, and in any grouping', () => {
    fc.assert(
      fc.property(anyRows, anyRows, anyRows, (a, b, c) => {
        expect(contentAfter(b, a)).toEqual(contentAfter(a, b));
        expect(contentAfter(a, a, b, a)).toEqual(contentAfter(a, b));
        expect(contentAfter(a, rowsOf(b, c))).toEqual(contentAfter(rowsOf(a, b), c));
      }),
    );
  });

  test('loses no observation, and counts none twice', () => {
    fc.assert(
      fc.property(anyRows, anyRows, (a, b) => {
        const merged = observations(rowsOf(a, b));
        expect(new Set(merged)).toEqual(new Set(observations([...a, ...b])));
        expect(new Set(merged).size).toBe(merged.length);
      }),
    );
  });

  test('believes the earliest observation of an attempt, which every other code path finds', () => {
    const { identity, attempt } = cellOf();
    const paths = ['one', 'two'].map((name) => join(folder, `${name}.sqlite`));
    for (const [index, path] of paths.entries()) {
      using ledger = new Ledger(path);
      ledger.record(identity, attempt, observationOf(index), {});
      using database = new DatabaseSync(path);
      database.prepare('UPDATE observations SET seen_at = ?').run(`2026-11-0${2 - index}T00:00:00.000Z`);
    }
    const [one = '', two = ''] = paths;
    expect(mergeLedger(one, two)).toEqual({ observations: 1, newObservations: 1, further: 1 });
    expect(mergeLedger(one, two)).toEqual({ observations: 1, newObservations: 0, further: 0 });
    using ledger = new Ledger(one);
    expect(ledger.find(identity, attempt)).toEqual(observationOf(1));
  });

  test('leaves the other ledger as it is, and refuses the ledger itself, or none', async () => {
    const [one, two] = [join(folder, 'one.sqlite'), join(folder, 'two.sqlite')];
    for (const path of [one, two]) new Ledger(path)[Symbol.dispose]();
    const before = await readFile(two);
    mergeLedger(one, two);
    expect(await readFile(two)).toEqual(before);
    expect(() => mergeLedger(one, one)).toThrow(/is the ledger itself/u);
    expect(() => mergeLedger(one, folder)).toThrow(/there is no ledger/u);
  });

  test.each([
    ['a text', (path: string) => writeFileSync(path, 'not a database, and long enough to be asked as one')],
    ['an empty file', (path: string) => writeFileSync(path, '')],
    ['the database of somebody else', foreignDatabase],
  ])('takes %s for no ledger', (_what, write) => {
    const [one, two] = [join(folder, 'one.sqlite'), join(folder, 'two.sqlite')];
    write(two);
    const before = readFileSync(two);
    const merge = (): unknown => mergeLedger(one, two);
    expect(merge).toThrow(InputError);
    expect(merge).toThrow(/two\.sqlite: it is no ledger/u);
    expect(readFileSync(two)).toEqual(before);
    expect(existsSync(one)).toBe(false);
  });

  test('takes in nothing of a ledger with a damaged observation', () => {
    const [one, two] = [join(folder, 'one.sqlite'), join(folder, 'two.sqlite')];
    {
      using ledger = new Ledger(two);
      for (let rank = 0; rank < 3; rank++)
        ledger.record(cellOf({ rank }).identity, cellOf().attempt, observationOf(1), {});
    }
    {
      using database = new DatabaseSync(two);
      database.exec("UPDATE observations SET observation = '{' WHERE key = (SELECT max(key) FROM observations)");
    }
    expect(() => mergeLedger(one, two)).toThrow(/two\.sqlite is damaged/u);
    using ledger = new Ledger(one);
    expect(ledger.countObservations()).toBe(0);
  });
});

/** A file with every kind of row. */
const writeSome = async (file: string): Promise<readonly LedgerRow[]> => {
  const [rows = []] = fc.sample(
    anyRows.filter((some) => new Set(some.map(({ table }) => table)).size === 6),
    { numRuns: 1, seed: 7 },
  );
  await writeExport(file, rows);
  return rows;
};

const countIn = (path: string): number => {
  using ledger = new Ledger(path);
  return ledger.countObservations();
};

describe('a file of an export', () => {
  test('brings everything to another ledger, byte by byte, once', async () => {
    const [file, path] = [join(folder, 'runs.jsonl.gz'), join(folder, 'ledger.sqlite')];
    const rows = await writeSome(file);
    await importFile(path, file);
    await importFile(path, file);
    using database = openLedgerFile(path);
    expect(contentOf(database)).toEqual(contentAfter(rows));
  });

  test('that is cut off, wherever, is refused, and nothing of it taken in', async () => {
    const [file, path, cut] = [join(folder, 'runs'), join(folder, 'ledger.sqlite'), join(folder, 'cut')];
    await writeSome(file);
    const whole = await readFile(file);
    const lines = gunzipSync(whole).toString().trimEnd().split('\n');
    const pieces = [
      ...[0, 1, 10, whole.length >> 1, whole.length - 9, whole.length - 1].map((length) => whole.subarray(0, length)),
      // Cut between two lines, and compressed anew: the stream itself is sound.
      ...[0, 1, 2, lines.length - 1].map((count) =>
        gzipSync(
          lines
            .slice(0, count)
            .map((line) => `${line}\n`)
            .join(''),
        ),
      ),
    ];
    for (const piece of pieces) {
      await writeFile(cut, piece);
      await expect(importFile(path, cut)).rejects.toThrow(/cut.*Nothing of it was imported/u);
      expect(countIn(path)).toBe(0);
    }
  });

  test('that is empty is refused each time: gunzip may say so after all else is over', async () => {
    const [path, cut] = [join(folder, 'ledger.sqlite'), join(folder, 'cut')];
    await writeFile(cut, '');
    for (let time = 0; time < 2_000; time += 1) {
      await expect(importFile(path, cut)).rejects.toThrow(/cut: it is cut off/u);
    }
  });

  test.each<readonly [string, (lines: readonly string[]) => readonly string[], RegExp]>([
    ['changed', (lines) => lines.map((line) => line.replace('"2026-11-01', '"2026-11-09')), /it was changed/u],
    ['short of a row', (lines) => lines.toSpliced(2, 1), /it was changed/u],
    ['longer than its end', (lines) => [...lines, '{}'], /something follows its end/u],
    [
      'of a newer version',
      (lines) => lines.with(0, '{"format":"peft-matrix ledger","version":2}'),
      /a newer version of peft-matrix \(format 2, this one reads 1\)/u,
    ],
    ['something else', (lines) => lines.with(0, '{"hello":1}'), /this is no file of `peft-matrix ledger export`/u],
    ['with a row of no ledger', (lines) => lines.with(2, '{"table":"others"}'), /a row is none of a ledger/u],
    [
      'with an observation that is none',
      (lines) => lines.map((line) => line.replaceAll(String.raw`\"ranks\":1,`, '')),
      /an observation is none/u,
    ],
    ['no JSON', (lines) => lines.with(1, '{'), /a line is not JSON/u],
  ])('that is %s is refused', async (_, change, words) => {
    const [file, path] = [join(folder, 'runs.jsonl.gz'), join(folder, 'ledger.sqlite')];
    await writeSome(file);
    const lines = gunzipSync(await readFile(file))
      .toString()
      .trimEnd()
      .split('\n');
    await writeFile(
      file,
      gzipSync(
        change(lines)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    );
    await expect(importFile(path, file)).rejects.toThrow(words);
    await expect(importFile(path, file)).rejects.toBeInstanceOf(InputError);
    expect(countIn(path)).toBe(0);
  });

  test('that is not compressed, or not there, is refused', async () => {
    const [file, path] = [join(folder, 'runs.jsonl.gz'), join(folder, 'ledger.sqlite')];
    await expect(importFile(path, file)).rejects.toThrow(/there is no such file/u);
    await writeFile(file, '{"format":"peft-matrix ledger","version":1}\n');
    await expect(importFile(path, file)).rejects.toThrow(/this is no file of/u);
  });

  test('has only what was asked for', async () => {
    const path = join(folder, 'ledger.sqlite');
    const cells = [4, 8].map((rank) => cellOf({ rank }));
    {
      using ledger = new Ledger(path);
      for (const { identity, attempt } of cells) ledger.record(identity, attempt, observationOf(1), {});
    }
    {
      using ledger = new Ledger(path);
      for (const { identity, attempt } of cells.slice(0, 1)) ledger.find(identity, attempt);
      ledger.recordUses('some-12345678', 'some');
    }
    await copyFile(path, join(folder, 'copy.sqlite'));
    using database = openLedgerFile(join(folder, 'copy.sqlite'));
    const countOf = (selection: Parameters<typeof ledgerRows>[1]): number =>
      [...ledgerRows(database, selection)].filter(({ table }) => table === 'observations').length;
    expect([
      countOf({}),
      countOf({ campaign: 'some-12345678' }),
      countOf({ versions: { peft: '0.21.2' } }),
      countOf({ versions: { peft: '0.20.0' } }),
      countOf({ campaign: 'some-12345678', versions: { peft: '0.20.0' } }),
    ]).toEqual([2, 1, 2, 0, 0]);
  });
});
