import type { Report } from '../../reports/report-model.ts';
import { BisectStore } from './bisect-store.ts';

/** A report whose failures say since when they show, and when they were fixed, where that was bisected. */
export const withRanges = async (report: Report, resultsPath: string): Promise<Report> => {
  const found = await new BisectStore(resultsPath).found();
  return {
    ...report,
    failures: report.failures.map((failure) => {
      const { since, fixedIn } = found.get(failure.id) ?? {};
      return {
        ...failure,
        ...(since === undefined ? {} : { since }),
        ...(fixedIn === undefined ? {} : { fixedIn }),
      };
    }),
  };
};
