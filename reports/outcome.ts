import { coveredOf } from './coverage.ts';
import type { Failure, Report } from './report-model.ts';
import { countOf } from './text/count.ts';

/** What a campaign comes to: its exit code, and why in words. */
export interface Outcome {
  readonly exitCode: 0 | 1 | 3 | 4 | 130;
  /** One reason each, the one that decides the exit code first. Empty when all is as expected. */
  readonly reasons: readonly string[];
}

/**
 * The exit code of a campaign: 0 as expected, 1 a failure that nobody has named or a stale expectation or
 * refusal, 3 something that
 * could not be asked, 4 partial or nothing run at all, 130 interrupted. Of several, the first of 130, 3, 1, 4.
 */
export const outcomeOf = (report: Report): Outcome => {
  const verdicts = [...interruption(report), ...infrastructure(report), ...regressions(report), ...partiality(report)];
  return { exitCode: verdicts[0]?.exitCode ?? 0, reasons: verdicts.map(({ reason }) => reason) };
};

/** What a failure is: `met` while shrinking, where no cell of the plan shows it; else named by an expectation, or new. */
export const markOf = ({ known, cells }: Failure): 'new' | 'met' | 'known' => {
  if (cells === 0) return 'met';
  return known === undefined ? 'new' : 'known';
};

/** Met while shrinking, and known: nobody has asked for it, and nobody has to look at it. */
export const isAside = (failure: Failure): boolean => markOf(failure) === 'met' && failure.known !== undefined;

/** How many failures have each mark. */
export const countMarks = (failures: readonly Failure[]): Readonly<Record<ReturnType<typeof markOf>, number>> => {
  const marks = failures.map(markOf);
  const count = (mark: (typeof marks)[number]): number => marks.filter((other) => other === mark).length;
  return { new: count('new'), met: count('met'), known: count('known') };
};

/** New failures first, then those met while shrinking that have no name, known ones, and the rest of those met; each in the order of the report. */
export const newFirst = (failures: readonly Failure[]): readonly Failure[] => [
  ...(['new', 'met', 'known'] as const).flatMap((mark) =>
    failures.filter((failure) => markOf(failure) === mark && !isAside(failure)),
  ),
  ...failures.filter(isAside),
];

type Because = { readonly exitCode: Outcome['exitCode']; readonly reason: string };

const interruption = ({ campaign }: Report): readonly Because[] =>
  campaign.interrupted === true ? [{ exitCode: 130, reason: 'interrupted; the same command goes on from here' }] : [];

const infrastructure = ({ pins, counts }: Report): readonly Because[] => {
  const brokenPins = pins.filter((pin) => pin.broken !== undefined).length;
  if (brokenPins > 0) return [{ exitCode: 3, reason: `${countOf(brokenPins, 'pin')} could not be asked` }];
  if (counts.broken > 0) return [{ exitCode: 3, reason: `${countOf(counts.broken, 'cell')} could not be asked` }];
  return [];
};

const regressions = ({ failures, expectations, refusals }: Report): readonly Because[] => {
  const unnamed = countMarks(failures).new;
  const stale = expectations.filter(({ state }) => state === 'stale').length;
  const gone = refusals.filter(({ state }) => state === 'stale').length;
  return [
    ...(unnamed > 0 ? [{ exitCode: 1, reason: countOf(unnamed, 'new failure') } as const] : []),
    ...(stale > 0 ? [{ exitCode: 1, reason: countOf(stale, 'stale expectation') } as const] : []),
    ...(gone > 0 ? [{ exitCode: 1, reason: countOf(gone, 'stale refusal') } as const] : []),
  ];
};

const partiality = (report: Report): readonly Because[] => {
  const { campaign } = report;
  if (campaign.interrupted === true) return [];
  if (isUntested(report)) return [{ exitCode: 4, reason: 'nothing was tested: all of it is unsupported or skipped' }];
  if (campaign.complete) return [];
  const { covered, possible, what } = coveredOf(report);
  return [
    { exitCode: 4, reason: `${possible - covered} of ${possible} possible ${what} are not covered; results are kept` },
  ];
};

/** Nothing was seen to fail, and nothing to pass: that is not as expected. */
const isUntested = ({ pins, counts }: Report): boolean =>
  counts.cells === counts.skipped + counts.unsupported &&
  (counts.cells > 0 || pins.some(({ skipped }) => skipped !== undefined));
