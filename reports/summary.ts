import { coveredOf } from './coverage.ts';
import { countMarks } from './outcome.ts';
import type { Report } from './report-model.ts';
import { countOf } from './text/count.ts';
import { formatClock } from './text/duration.ts';
import { oneLine } from './text/safe-text.ts';

/** One line: what was run, what came of it, how much of the matrix is covered, how long it took, where it was had. */
export const summaryOf = (report: Report): string => {
  const { campaign, counts, failures, pins } = report;
  const marks = countMarks(failures);
  return [
    `${oneLine(campaign.matrix, 80)}: ${countOf(counts.cells, 'cell')} on ${countOf(pins.length, 'pin')}`,
    `(${campaign.ran} run, ${campaign.reused} from the ledger) in ${formatClock(duration(report))};`,
    `${counts.pass} pass; ${countOf(marks.new, 'new failure')}, ${marks.known} known${marks.met > 0 ? `, ${marks.met} met while shrinking` : ''};`,
    `${coverage(report)};`,
    `${oneLine(campaign.executor, 40)}, ${devices(report)}`,
  ].join(' ');
};

const duration = ({ campaign }: Report): number => Date.parse(campaign.finishedAt) - Date.parse(campaign.startedAt);

/** Green on a CPU says nothing about CUDA: the device is part of every statement. */
const devices = ({ pins }: Report): string => [...new Set(pins.map(({ device }) => device))].join(' and ');

const coverage = (report: Report): string => {
  const { covered, possible, what } = coveredOf(report);
  return `${covered} of ${possible} possible ${what} covered`;
};
