import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../matrices/errors.ts';
import type { Report } from '../reports/report-model.ts';
import { parseVerdicts, type Verdicts } from '../reports/verdicts-model.ts';
import type { StoredCampaign } from './newest-verdicts.ts';
import { readReport } from './read-report.ts';
import type { ResultsFolder } from './results-folder.ts';

/** A campaign with its verdicts, or the latest. Throws `InputError` when there is none, or it cannot be read. */
export const readCampaign = async (results: ResultsFolder, campaign: string | undefined): Promise<StoredCampaign> => {
  const report = await readReport(results, campaign);
  const verdicts = await readVerdicts(results, campaign);
  if (verdicts === undefined) throw withoutVerdicts(results, report);
  refuseOthers(verdicts, report);
  return { report, verdicts };
};

/** What every cell of a campaign came to; undefined where that was not kept. Throws `InputError` when it is damaged. */
export const readVerdicts = async (
  results: ResultsFolder,
  campaign: string | undefined,
): Promise<Verdicts | undefined> => {
  const text = await results.read(campaign, 'verdicts.json');
  return text === undefined ? undefined : verdictsIn(text, `the verdicts of ${campaign ?? 'the latest campaign'}`);
};

/** The verdicts in a text; `what` is for the message. Throws `InputError` when they cannot be read. */
export const verdictsIn = (text: string, what: string): Verdicts => {
  try {
    return parseVerdicts(text);
  } catch (cause) {
    throw new InputError(
      `Cannot read ${what}: written by another version, or damaged. Run the matrix again (what is in the ledger is not run again).`,
      { cause },
    );
  }
};

/**
 * The campaigns that are named; without names all that there are and that can be read. `leftOut` are those that cannot: they
 * were written by another version, or are damaged. Verdicts are read when they are asked for, each time anew.
 *
 * @throws {InputError} When there is none, or a named one cannot be read; from `verdicts` when those are damaged.
 */
export const readCampaigns = async (
  results: ResultsFolder,
  names: readonly string[],
): Promise<{ readonly campaigns: readonly StoredCampaign[]; readonly leftOut: readonly string[] }> => {
  if (names.length > 0) {
    return { campaigns: await Promise.all(names.map((name) => readOnDemand(results, name))), leftOut: [] };
  }
  const all = await results.campaigns();
  const read = await Promise.all(all.map((name) => readOnDemand(results, name).catch(nothingToRead)));
  const campaigns = read.filter((campaign) => campaign !== undefined);
  // The same words as of one campaign alone, or of a folder that has none at all.
  if (campaigns.length === 0) await readCampaign(results, undefined);
  return { campaigns, leftOut: all.filter((_, index) => read[index] === undefined) };
};

const readOnDemand = async (results: ResultsFolder, name: string): Promise<StoredCampaign> => {
  const report = await readReport(results, name);
  if (!results.has(name, 'verdicts.json')) throw withoutVerdicts(results, report);
  const file = join(results.campaign(name), 'verdicts.json');
  const read = (): Verdicts => {
    const verdicts = verdictsIn(readFileSync(file, 'utf8'), `the verdicts of ${name}`);
    refuseOthers(verdicts, report);
    return verdicts;
  };
  // Read as a whole beforehand only where the looks of it leave a doubt: a million cells take seconds.
  if (!(await hasEndsOfVerdicts(file, report.campaign.id))) read();
  return {
    report,
    get verdicts() {
      return read();
    },
  };
};

/** Whether a file begins and ends as `formatVerdicts` leaves it: of this version and campaign, and not cut off. */
const hasEndsOfVerdicts = async (file: string, campaign: string): Promise<boolean> => {
  const begins = `{\n  "version": 1,\n  "campaign": ${JSON.stringify(campaign)},\n`;
  await using handle = await open(file);
  const { size } = await handle.stat();
  const textAt = async (length: number, at: number): Promise<string> =>
    (await handle.read({ buffer: Buffer.alloc(length), position: Math.max(0, at) })).buffer.toString();
  const head = await textAt(Buffer.byteLength(begins), 0);
  return head === begins && (await textAt(2, size - 2)) === '}\n';
};

/** Those of another campaign say nothing of this one. */
const refuseOthers = ({ campaign }: Verdicts, report: Report): void => {
  if (campaign === report.campaign.id) return;
  throw new InputError(
    `The verdicts beside the report of ${report.campaign.id} are those of ${campaign}. Run its matrix again.`,
  );
};

const nothingToRead = (error: unknown): undefined => {
  if (!(error instanceof InputError)) throw error;
};

const withoutVerdicts = ({ path }: ResultsFolder, { campaign }: Report): InputError =>
  new InputError(
    `The verdicts of ${campaign.id} are not in ${path}: an earlier version ran it, or they were removed. ` +
      'Run its matrix again (what is in the ledger is not run again).',
  );
