import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../matrices/errors.ts';
import type { Report } from '../reports/report-model.ts';
import { parseVerdicts, type Verdicts } from '../reports/verdicts-model.ts';
import type { StoredCampaign } from './newest-verdicts.ts';
import { readReport } from './read-report.ts';
import type { ResultsFolder } from './results-folder.ts';
import { resultsWords } from './results-words.ts';

/** A campaign with its verdicts, or the latest. Throws `InputError` when there is none, or it cannot be read. */
export const readCampaign = async (results: ResultsFolder, campaign: string | undefined): Promise<StoredCampaign> => {
  const report = await readReport(results, campaign);
  const verdicts = await readVerdicts(results, campaign);
  if (verdicts === undefined) {
    throw new InputError(
      `The verdicts of ${report.campaign.id} are not in ${results.path}: it was run by an earlier version. ` +
        `Make them: peft-matrix run${resultsWords(results.path)} (what is in the ledger is not run again).`,
    );
  }
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
      `Cannot read ${what}: written by another version, or damaged. Make them anew with peft-matrix run (what is in the ledger is not run again).`,
      { cause },
    );
  }
};

/**
 * The campaigns that are named; without names all that there are and that kept their verdicts. `leftOut` are those that did
 * not. Verdicts are read when they are asked for, each time anew.
 *
 * @throws {InputError} When there is none, or one that cannot be read; from `verdicts` too.
 */
export const readCampaigns = async (
  results: ResultsFolder,
  names: readonly string[],
): Promise<{ readonly campaigns: readonly StoredCampaign[]; readonly leftOut: readonly string[] }> => {
  const all = names.length > 0 ? names : await results.campaigns();
  const isThere = (name: string): boolean => results.has(name, 'verdicts.json');
  const campaigns = await Promise.all(
    all.filter(isThere).map(async (name) => onDemand(results, name, await readReport(results, name))),
  );
  const leftOut = all.filter((name) => !isThere(name));
  // The same words as of one campaign alone, or of a folder that has none at all.
  if (names.length > 0) for (const name of leftOut) await readCampaign(results, name);
  if (campaigns.length === 0) await readCampaign(results, undefined);
  return { campaigns, leftOut };
};

const onDemand = (results: ResultsFolder, name: string, report: Report): StoredCampaign => ({
  report,
  get verdicts() {
    const file = join(results.campaign(name), 'verdicts.json');
    return verdictsIn(readFileSync(file, 'utf8'), `the verdicts of ${name}`);
  },
});
