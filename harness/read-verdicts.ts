import { InputError } from '../matrices/errors.ts';
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
 * not.
 */
export const readCampaigns = async (
  results: ResultsFolder,
  names: readonly string[],
): Promise<{ readonly campaigns: readonly StoredCampaign[]; readonly leftOut: readonly string[] }> => {
  if (names.length > 0) {
    return { campaigns: await Promise.all(names.map((name) => readCampaign(results, name))), leftOut: [] };
  }
  const campaigns: StoredCampaign[] = [];
  const leftOut: string[] = [];
  for (const name of await results.campaigns()) {
    const verdicts = await readVerdicts(results, name);
    if (verdicts === undefined) leftOut.push(name);
    else campaigns.push({ report: await readReport(results, name), verdicts });
  }
  // The same words as of a folder that has no campaign at all.
  if (campaigns.length === 0) await readCampaign(results, undefined);
  return { campaigns, leftOut };
};
