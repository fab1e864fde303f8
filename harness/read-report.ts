import { InputError } from '../matrices/errors.ts';
import { parseReportJson } from '../reports/report-json.ts';
import type { Report } from '../reports/report-model.ts';
import { withRanges } from './bisect/failure-ranges.ts';
import { resultsWords } from './results-words.ts';
import type { ResultsFolder } from './results-folder.ts';

/** The report of a campaign, or of the latest. Throws `InputError` when there is none or it cannot be read. */
export const readReport = async (results: ResultsFolder, campaign: string | undefined): Promise<Report> => {
  const text = await results.read(campaign, 'report.json');
  if (text === undefined) {
    const known = (await results.campaigns()).join(', ');
    if (campaign === undefined && known !== '') {
      throw new InputError(`The latest campaign of ${results.path} has no report. Name another one: ${known}`);
    }
    if (campaign === undefined) {
      throw new InputError(
        `There is no campaign yet in ${results.path}. Start one: peft-matrix run${resultsWords(results.path)}`,
      );
    }
    throw new InputError(`There is no campaign ${campaign} in ${results.path}. Campaigns: ${known || 'none'}`);
  }
  try {
    return await withRanges(parseReportJson(text), results.path);
  } catch (cause) {
    throw new InputError(
      `The report of ${campaign ?? 'the latest campaign'} in ${results.path} cannot be read: it was written by another version, ` +
        'or damaged. Run its matrix again (what is in the ledger is not run again).',
      { cause },
    );
  }
};
