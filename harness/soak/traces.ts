import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseReportJson } from '../../reports/report-json.ts';
import type { Report } from '../../reports/report-model.ts';

/** A row of the ledger, as text: equal rows are equal texts. */
export type Row = string;

/** Every observation that the ledger of a results folder holds, and whether it is a cold one. */
export const readRows = (results: string): ReadonlyMap<Row, { readonly cold: boolean }> => {
  const path = join(results, 'ledger.sqlite');
  if (!existsSync(path)) return new Map();
  using database = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
  if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'observations'").get() === undefined) return new Map();
  const rows = database.prepare('SELECT * FROM observations ORDER BY key, cold, attempt').all();
  return new Map(rows.map((row) => [JSON.stringify(row), { cold: row['cold'] === 1 }]));
};

/** What SQLite says of the whole file; `ok` when nothing is wrong. */
export const ledgerHealth = (results: string): string => {
  using database = new DatabaseSync(join(results, 'ledger.sqlite'), { readOnly: true, timeout: 5_000 });
  return Object.values(database.prepare('PRAGMA integrity_check').get() ?? {}).join();
};

/** The report of the latest campaign. */
export const readLatestReport = async (results: string): Promise<Report> =>
  parseReportJson(await readFile(join(results, 'latest', 'report.json'), 'utf8'));

/** What must not depend on how often a campaign was interrupted: all but the times and what was run or found. */
export const comparable = ({ campaign, ...rest }: Report): unknown => {
  const { startedAt: _startedAt, finishedAt: _finishedAt, ran: _ran, reused: _reused, ...lasting } = campaign;
  return { ...rest, campaign: lasting };
};

/** The files of a results folder, without those that SQLite keeps while it runs and with `latest` as a link. */
export const filesOf = async (results: string): Promise<readonly string[]> => {
  const entries = await readdir(results, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !/^ledger\.sqlite-(?:wal|shm)$/.test(entry.name))
    .map((entry) => relative(results, join(entry.parentPath, entry.name)))
    .toSorted();
};
