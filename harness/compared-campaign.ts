import { existsSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '../matrices/errors.ts';
import type { ComparedCampaign } from '../reports/diff/asked-cells.ts';
import { parseReportJson } from '../reports/report-json.ts';
import { readReport } from './read-report.ts';
import { readVerdicts, verdictsIn } from './read-verdicts.ts';
import type { ResultsFolder } from './results-folder.ts';

/**
 * A campaign that is to be compared: `latest`, an id, the path of a `report.json`, or that of a folder with one. Its
 * verdicts are those beside the report, if there are any.
 *
 * @throws {InputError} When there is no such campaign, or it cannot be read.
 */
export const comparedCampaign = async (name: string, results: ResultsFolder): Promise<ComparedCampaign> => {
  const isOfResults = name === 'latest' || (await results.read(name, 'report.json')) !== undefined;
  if (!isOfResults && existsSync(name)) return readFiles(name);
  const campaign = name === 'latest' ? undefined : name;
  return { report: await readReport(results, campaign), verdicts: await readVerdicts(results, campaign) };
};

const readFiles = async (path: string): Promise<ComparedCampaign> => {
  const file = statSync(path).isDirectory() ? join(path, 'report.json') : path;
  const verdicts = join(dirname(file), 'verdicts.json');
  return {
    report: reportIn(await readText(file), file),
    verdicts: existsSync(verdicts) ? verdictsIn(await readText(verdicts), verdicts) : undefined,
  };
};

const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError(`Cannot read ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });

const reportIn = (text: string, file: string): ComparedCampaign['report'] => {
  try {
    return parseReportJson(text);
  } catch (cause) {
    throw new InputError(`${file} is no report.json that this version can read`, { cause });
  }
};
