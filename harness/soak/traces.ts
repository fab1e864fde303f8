import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseReportJson } from '../../reports/report-json.ts';
import type { Report } from '../../reports/report-model.ts';
import type { CampaignEnd, Ground } from './campaign-process.ts';

/** The observations of a ledger, each row as text: a row that was changed is another row. */
export type Rows = ReadonlyMap<string, { readonly cold: boolean }>;

/** What a campaign that has come to its end left. */
export interface Traces {
  readonly exitCode: number | undefined;
  readonly stderr: string;
  /** What must not depend on how often it was interrupted: the report but for times and what was run or found. */
  readonly report: unknown;
  /** Cells that the last run executed, by its own count. */
  readonly ran: number;
  readonly rows: Rows;
  readonly coldRows: number;
  /** What SQLite says of the whole ledger; `ok` when nothing is wrong. */
  readonly health: string;
  /** Paths in the results folder. */
  readonly files: readonly string[];
  /** Paths in the folder of temporary files. */
  readonly scratch: readonly string[];
}

/** Reads what a campaign left behind. Throws when there is no report. */
export const takeDown = async ({ results, scratch }: Ground, { exitCode, stderr }: CampaignEnd): Promise<Traces> => {
  const rows = readRows(results);
  const report = await readLatestReport(results).catch((cause: unknown) => {
    throw new Error(`The campaign left no report (exit code ${exitCode}): ${stderr}`, { cause });
  });
  return {
    exitCode,
    stderr,
    report: comparable(report),
    ran: report.campaign.ran,
    rows,
    coldRows: [...rows.values()].filter(({ cold }) => cold).length,
    health: readHealth(results),
    files: await filesOf(results),
    scratch: (await readdir(scratch)).filter((name) => name.startsWith('peft-matrix')),
  };
};

/** The observations that the ledger of a results folder holds now. */
export const readRows = (results: string): Rows => {
  const path = join(results, 'ledger.sqlite');
  if (!existsSync(path)) return new Map();
  using database = openLedger(results);
  if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'observations'").get() === undefined) return new Map();
  const rows = database.prepare('SELECT * FROM observations ORDER BY key, cold, attempt').all();
  return new Map(rows.map((row) => [JSON.stringify(row), { cold: row['cold'] === 1 }]));
};

/** The report of the latest campaign of a results folder. */
export const readLatestReport = async (results: string): Promise<Report> =>
  parseReportJson(await readFile(join(results, 'latest', 'report.json'), 'utf8'));

const comparable = ({ campaign, ...rest }: Report): unknown => {
  const { startedAt: _startedAt, finishedAt: _finishedAt, ran: _ran, reused: _reused, ...lasting } = campaign;
  return { ...rest, campaign: lasting };
};

/** SQLite's own files beside the ledger come and go. */
const filesOf = async (results: string): Promise<readonly string[]> => {
  const entries = await readdir(results, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !/^ledger\.sqlite-(?:wal|shm)$/.test(entry.name))
    .map((entry) => relative(results, join(entry.parentPath, entry.name)))
    .toSorted();
};

/** What SQLite says of the whole ledger; `ok` when nothing is wrong. */
export const readHealth = (results: string): string => {
  using database = openLedger(results);
  return Object.values(database.prepare('PRAGMA integrity_check').get() ?? {}).join();
};

/** For reading; closes at the end of the scope. */
const openLedger = (results: string): DatabaseSync & Disposable =>
  new DatabaseSync(join(results, 'ledger.sqlite'), { readOnly: true, timeout: 5_000 });
