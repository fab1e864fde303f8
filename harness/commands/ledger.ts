import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { InputError } from '../../matrices/errors.ts';
import { countOf } from '../../reports/text/count.ts';
import { Ledger } from '../ledger.ts';
import { compactLedger } from '../ledger/compact-ledger.ts';
import type { Absorbed } from '../ledger/absorb-rows.ts';
import { writeExport } from '../ledger/exported-file.ts';
import { guardLedger, openLedgerFile } from '../ledger/ledger-file.ts';
import { ledgerRows } from '../ledger/ledger-rows.ts';
import { campaignsIn, ledgerStats, versionsIn, type LedgerStats } from '../ledger/ledger-stats.ts';
import { locksBelow } from '../ledger/locked-versions.ts';
import { importFile, ledgerBeside, mergeLedger } from '../ledger/merge-ledgers.ts';
import { pruneLedger } from '../ledger/prune-ledger.ts';
import { ResultsFolder } from '../results-folder.ts';
import { shardProblems } from '../shard/missing-shards.ts';
import { shardRecords } from '../shard/shard-record.ts';
import { msPerDay, numberOption, print, refuseFolder, resultsOption } from './command.ts';
import { pathKind } from '../path-kind.ts';

/** `peft-matrix ledger export|import|merge|prune|compact|stats`: the store of all observations. */
export const ledgerCommand = (): CommandUnknownOpts =>
  new Command('ledger')
    .description('what all runs have shown: carry it to another machine, merge it, keep it small')
    .addCommand(statsCommand())
    .addCommand(exportCommand())
    .addCommand(importCommand())
    .addCommand(mergeCommand())
    .addCommand(pruneCommand())
    .addCommand(compactCommand());

const statsCommand = (): CommandUnknownOpts =>
  new Command('stats')
    .description('what it holds')
    .option('--json', 'as JSON')
    .option(...resultsOption)
    .action(({ json, results }) => {
      const path = existing(results);
      using database = openLedgerFile(path);
      const stats = guardLedger(path, () => ledgerStats(database, path));
      print(json === true ? JSON.stringify(stats, null, 2) : describe(stats));
    });

const exportCommand = (): CommandUnknownOpts =>
  new Command('export')
    .description('write observations into a file that `ledger import` reads, on a machine without a network too')
    .argument('<file>', 'file to write, such as runs.jsonl.gz')
    .option('--campaign <id>', 'only what this campaign stands on')
    .option('--with <package=version>', 'only what was seen with this version; may be repeated', versionOption)
    .option(...resultsOption)
    .action(async (file, { campaign, with: versions, results }) => {
      refuseFolder(file, 'ledger export');
      const path = existing(results);
      using database = openLedgerFile(path);
      if (campaign !== undefined) refuseUnknown(campaignsIn(database), campaign);
      for (const [name, version] of Object.entries(versions ?? {})) {
        refuseUnseen(
          name,
          version,
          guardLedger(path, () => versionsIn(database, name)),
        );
      }
      const selection = {
        ...(campaign === undefined ? {} : { campaign }),
        ...(versions === undefined ? {} : { versions }),
      };
      const count = await writeExport(file, ledgerRows(database, selection));
      print(`${file}: ${countOf(count, 'row')}`);
    });

const importCommand = (): CommandUnknownOpts =>
  new Command('import')
    .description('take in what `ledger export` wrote; a file that is not whole is refused, and nothing of it taken in')
    .argument('<files...>', 'files of `ledger export`')
    .option(...resultsOption)
    .action(async (files, { results }) => {
      const folder = new ResultsFolder(results);
      await folder.create();
      for (const file of files) print(`${file}: ${describeAbsorbed(await importFile(folder.ledger, file))}`);
      tellShards(folder.ledger);
    });

const mergeCommand = (): CommandUnknownOpts =>
  new Command('merge')
    .description('take in the ledgers of other results folders, such as those of the shards of a campaign')
    .argument('<folders...>', 'results folders, or their ledger.sqlite')
    .option(...resultsOption)
    .action(async (folders, { results }) => {
      const folder = new ResultsFolder(results);
      // Before anything of one is taken in.
      for (const other of folders) ledgerBeside(folder.ledger, other);
      await folder.create();
      for (const other of folders) print(`${other}: ${describeAbsorbed(mergeLedger(folder.ledger, other))}`);
      tellShards(folder.ledger);
    });

const pruneCommand = (): CommandUnknownOpts =>
  new Command('prune')
    .description('remove observations; those that a campaign of the results folder stands on stay')
    .option('--days <number>', 'those seen more than so many days ago', daysOption)
    .option('--unused-days <number>', 'those that no campaign has used for so many days', daysOption)
    .option('--without-lock', 'those of versions that no lock has any more')
    .option('--locks <folder>', 'where else locks are kept (default: those of the results, and those that come along)')
    .option('--dry-run', 'only say what would go')
    .option(...resultsOption)
    .action(async ({ days, unusedDays, withoutLock, locks, dryRun, results }) => {
      if (days === undefined && unusedDays === undefined && withoutLock !== true) {
        throw new InputError('ledger prune: say what to remove: --days N, --unused-days N or --without-lock');
      }
      const path = existing(results);
      using database = openLedgerFile(path);
      // A folder that is not there has no lock, and without a lock an observation goes.
      if (locks !== undefined && pathKind(locks) !== 'folder') {
        throw new InputError(`--locks ${locks}: there is no such folder`);
      }
      const folders = [join(results, 'locks'), committedLocks, ...(locks === undefined ? [] : [locks])];
      const pruning = {
        ...(days === undefined ? {} : { seenBefore: daysAgo(days) }),
        ...(unusedDays === undefined ? {} : { unusedSince: daysAgo(unusedDays) }),
        ...(withoutLock === true ? { locks: await locksBelow(folders) } : {}),
        campaigns: await keptCampaigns(results, campaignsIn(database)),
        dryRun: dryRun === true,
      };
      const { removed, kept, of } = guardLedger(path, () => pruneLedger(database, pruning));
      const went = dryRun === true ? 'would go' : 'removed';
      const standing = kept === 0 ? '' : `; ${kept} stay, for campaigns stand on them`;
      print(`${went}: ${removed} of ${countOf(of, 'observation')}${standing}`);
      if (dryRun !== true && removed > 0) print('`ledger compact` gives their room back to the disk');
    });

const compactCommand = (): CommandUnknownOpts =>
  new Command('compact')
    .description('give the room of what was pruned back to the disk')
    .option(...resultsOption)
    .action(({ results }) => {
      const { before, after } = compactLedger(existing(results));
      print(`${megabytes(before)}, now ${megabytes(after)}`);
    });

const committedLocks = join(import.meta.dirname, '../../matrices/locks');

const existing = (results: string): string => {
  const path = new ResultsFolder(results).ledger;
  if (!existsSync(path)) throw new InputError(`There is no ledger in ${results}. Name another folder with --results`);
  return path;
};

const daysAgo = (days: number): string => new Date(Date.now() - days * msPerDay).toISOString();

/** @throws {InputError} When it is not known what a campaign stands on: then nothing is safe to remove. */
const keptCampaigns = async (results: string, campaigns: LedgerStats['campaigns']): Promise<readonly string[]> => {
  const kept = await new ResultsFolder(results).campaigns();
  const known = new Set(campaigns.map(({ id }) => id));
  const unknown = kept.filter((id) => !known.has(id));
  if (unknown.length === 0) return kept;
  throw new InputError(
    `It is not known what ${unknown.join(', ')} stands on: run by an earlier version, or elsewhere. ` +
      `Run its matrix again (what is in the ledger is not run again), or remove it from ${join(results, 'campaigns')}.`,
  );
};

const refuseUnknown = (campaigns: LedgerStats['campaigns'], campaign: string): void => {
  if (campaigns.some(({ id }) => id === campaign)) return;
  const known = campaigns.map(({ id }) => id).join(', ') || 'none';
  throw new InputError(`--campaign ${campaign}: the ledger knows no such campaign. It knows: ${known}`);
};

const refuseUnseen = (name: string, version: string, seen: readonly string[]): void => {
  if (seen.includes(version)) return;
  const known = seen.join(', ') || 'no version';
  throw new InputError(`--with ${name}=${version}: the ledger has no run with it. It has, of ${name}: ${known}`);
};

/** Whether the parts of divided campaigns are all there, and belong together. */
const tellShards = (path: string): void => {
  using ledger = new Ledger(path);
  for (const problem of shardProblems(shardRecords(ledger))) process.stderr.write(`peft-matrix: warning: ${problem}\n`);
};

const describeAbsorbed = ({ observations, newObservations, further }: Absorbed): string =>
  `${countOf(observations, 'observation')}, ${newObservations} of them new` +
  (further === 0 ? '' : `, ${further} of these of attempts that are there from another machine`);

const describe = ({ bytes, observations, further, oldest, newest, releases, campaigns }: LedgerStats): string =>
  [
    `${countOf(observations, 'observation')} in ${megabytes(bytes)}` +
      (oldest === null || newest === null ? '' : `, from ${oldest.slice(0, 10)} to ${newest.slice(0, 10)}`),
    ...(further === 0 ? [] : [`${further} more, of attempts that another machine saw as well`]),
    ...releases.map((each) => `peft ${each.peft.padEnd(10)} ${each.executor.padEnd(8)} ${each.observations}`),
    ...campaigns.map(({ id, usedAt, cells }) => `${id}  ${countOf(cells, 'cell')}, last used ${usedAt.slice(0, 10)}`),
  ].join('\n');

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** A thousand years: days without end lead out of the calendar. */
const mostDays = 365_000;

const daysOption = (text: string): number => {
  const days = numberOption(text);
  if (days < 0 || days > mostDays) throw new InvalidArgumentError(`expected a number from 0 to ${mostDays}`);
  return days;
};

const versionOption = (
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => {
  const [name, version, ...more] = text.split('=');
  if (name === undefined || version === undefined || version === '' || more.length > 0 || !/^[\w.-]+$/.test(name)) {
    throw new InvalidArgumentError('expected a package and its version, such as peft=0.21.2');
  }
  return { ...earlier, [name]: version };
};
