import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { observationSchema } from '../../containers/observation.ts';
import { InputError } from '../../matrices/errors.ts';
import { absorbRows, type Absorbed } from './absorb-rows.ts';
import { readExport, verifyExport } from './exported-file.ts';
import { damagedLedger, guardLedger, openLedgerFile, openToRead } from './ledger-file.ts';
import { ledgerRows, type LedgerRow } from './ledger-rows.ts';
import { pathKind } from '../path-kind.ts';

const nothing: Absorbed = { observations: 0, newObservations: 0, further: 0 };

const batchSize = 1_000;

/**
 * Takes in what `ledger export` wrote. Nothing is taken in unless the whole file is sound.
 *
 * @throws {InputError} When it is not, or was written by a newer version.
 */
export const importFile = async (path: string, file: string): Promise<Absorbed> => {
  if (!existsSync(file)) throw new InputError(`${file}: there is no such file`);
  await verifyExport(file);
  using database = openLedgerFile(path);
  let [total, batch]: [Absorbed, LedgerRow[]] = [nothing, []];
  const absorb = (): void => {
    total = sum(
      total,
      guardLedger(path, () => absorbRows(database, batch)),
    );
    batch = [];
  };
  await readExport(file, (row) => {
    batch.push(row);
    if (batch.length >= batchSize) absorb();
  });
  absorb();
  return total;
};

/**
 * Takes in another ledger: a results folder, or its `ledger.sqlite`. Nothing is taken in unless all of it is sound.
 *
 * @throws {InputError} When there is none, or it is none.
 * @throws {InfrastructureError} When one of the two is damaged, or of another version.
 */
export const mergeLedger = (path: string, other: string): Absorbed => {
  const file = ledgerBeside(path, other);
  using theirs = openToRead(file);
  checkRows(theirs, file);
  using ours = openLedgerFile(path);
  return guardLedger(path, () => absorbRows(ours, ledgerRows(theirs)));
};

/**
 * The file of a ledger that is to be taken in: a results folder, or its `ledger.sqlite`.
 *
 * @throws {InputError} When there is none, or it is the one that takes it in.
 */
export const ledgerBeside = (path: string, other: string): string => {
  const file = ledgerIn(other);
  if (existsSync(path) && realpathSync(file) === realpathSync(path)) {
    throw new InputError(`${other} is the ledger itself: name the others`);
  }
  return file;
};

const ledgerIn = (path: string): string => {
  const file = pathKind(path) === 'folder' ? join(path, 'ledger.sqlite') : path;
  if (!existsSync(file)) throw new InputError(`${path}: there is no ledger. Name a results folder or a ledger.sqlite`);
  return file;
};

const checkRows = (database: DatabaseSync, file: string): void => {
  try {
    for (const row of ledgerRows(database)) {
      if (row.table === 'observations') observationSchema.parse(JSON.parse(row.observation));
    }
  } catch (cause) {
    throw damagedLedger(file, cause);
  }
};

const sum = (left: Absorbed, right: Absorbed): Absorbed => ({
  observations: left.observations + right.observations,
  newObservations: left.newObservations + right.newObservations,
  further: left.further + right.further,
});
