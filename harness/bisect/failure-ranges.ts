import type { Report } from '../../reports/report-model.ts';
import { BisectStore } from './bisect-store.ts';

/** A report whose failures say since when they show, and when they were fixed, where that was bisected. */
export const withRanges = async (report: Report, resultsPath: string): Promise<Report> => {
  const bisects = await new BisectStore(resultsPath).all();
  const ranges = new Map(bisects.map((bisect) => [bisect.failure.id, bisect]));
  return {
    ...report,
    failures: report.failures.map((failure) => {
      const { since, fixedIn } = ranges.get(failure.id) ?? {};
      return {
        ...failure,
        ...(since === undefined ? {} : { since }),
        ...(fixedIn === undefined ? {} : { fixedIn }),
      };
    }),
  };
};
