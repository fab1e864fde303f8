import { inSeconds, markdownTable, type Section } from '../section.ts';
import { summarise } from '../statistics.ts';
import { changeOf } from './survivors.ts';
import { tally, type Judgements } from './tally.ts';
import type { Fate } from './try-mutant.ts';

/** What was done, beside the mutants themselves. */
export interface Circumstances {
  readonly judgements: Judgements;
  /** Faults that the mutator could plant on lines that some cell executes. */
  readonly reached: number;
  readonly seed: number;
  /** Runs of the plan. */
  readonly runs: number;
  readonly baselineMs: number;
  readonly totalMs: number;
}

/** Least share of the mutants that are not equivalent that has to be killed. */
const wantedRate = 0.9;

/** The part of `RESULTS.md` on mutants. */
export const describeMutants = (fates: readonly Fate[], circumstances: Circumstances): Section => {
  const counts = tally(fates, circumstances.judgements);
  const percent = `${(100 * counts.rate).toFixed(1)} %`;
  return {
    title: 'Mutants: small faults planted in PEFT',
    text: textOf(fates, circumstances),
    table: [
      byProperty(fates),
      byOperator(fates, circumstances.judgements),
      survivorsOf(fates, circumstances.judgements),
    ].join('\n\n'),
    targets: [
      {
        what: 'mutants that are not equivalent and were killed',
        got: `${percent} (${counts.killed} of ${counts.mutants - counts.equivalent})`,
        want: 'at least 90 %',
        met: counts.rate >= wantedRate,
      },
      {
        what: 'survivors that somebody has looked at',
        got: `${counts.equivalent + counts.blindSpots} of ${counts.mutants - counts.killed}`,
        want: 'all',
        met: counts.unexplained === 0,
      },
    ],
  };
};

const textOf = (fates: readonly Fate[], circumstances: Circumstances): string => {
  const { judgements, reached, seed, runs, baselineMs, totalMs } = circumstances;
  const counts = tally(fates, judgements);
  const times = summarise(fates.map(({ ms }) => ms));
  const cells = summarise(fates.map((fate) => fate.cells));
  const killing = summarise(fates.flatMap(({ kill }) => (kill === undefined ? [] : [kill.cells])));
  return [
    `${counts.mutants} of the ${reached} faults that the mutator can plant on lines that some cell executes, spread evenly over operators and files (seed ${seed}).`,
    `Each is tried alone, in a probe that imports a PEFT with that fault; the same machinery without a fault gives, bit for bit, the observations of an ordinary probe.`,
    `The cells are ${runs} runs that the planner of campaigns gives, in a fixed order; a mutant is put to those that execute its line until a property is violated that is not violated without it.`,
    `${counts.killed} were killed; ${counts.mutants - counts.killed} survived: ${counts.equivalent} equivalent, ${counts.blindSpots} blind spots, ${counts.unexplained} not looked at.`,
    `${counts.killedAlone} are seen without the release before (\`agrees-with-release\`), as if the fault had always been there.`,
    `A mutant took ${inSeconds(times.median)} s (${inSeconds(times.min)} to ${inSeconds(times.max)}) and ${cells.median} cells (${cells.min} to ${cells.max}); one that was killed, ${killing.median} cells (${killing.min} to ${killing.max}). The baseline took ${inSeconds(baselineMs)} s, all together ${inSeconds(totalMs)} s.`,
  ].join('\n');
};

const byProperty = (fates: readonly Fate[]): string => {
  const kills = fates.flatMap(({ kill }) => kill ?? []);
  const groups = Map.groupBy(kills, ({ property }) => property);
  const rows = [...groups].toSorted(([, left], [, right]) => right.length - left.length);
  return markdownTable(
    ['killed first by', 'mutants', 'cells until then, median'],
    rows.map(([property, group]) => [
      property,
      String(group.length),
      String(summarise(group.map(({ cells }) => cells)).median),
    ]),
  );
};

const byOperator = (fates: readonly Fate[], judgements: Judgements): string => {
  const groups = [...Map.groupBy(fates, ({ mutant }) => mutant.operator)].toSorted(([left], [right]) =>
    left < right ? -1 : 1,
  );
  return markdownTable(
    ['operator', 'mutants', 'killed', 'equivalent', 'blind spots', 'not looked at'],
    groups.map(([operator, group]) => {
      const { mutants, killed, equivalent, blindSpots, unexplained } = tally(group, judgements);
      return [operator, ...[mutants, killed, equivalent, blindSpots, unexplained].map(String)];
    }),
  );
};

const survivorsOf = (fates: readonly Fate[], judgements: Judgements): string =>
  fates
    .filter(({ kill }) => kill === undefined)
    .map((fate) => {
      const judgement = judgements.get(fate.mutant.id);
      return `- \`${fate.mutant.id}\` (line ${fate.mutant.line}): \`${changeOf(fate.mutant)}\`. ${judgement === undefined ? '**Not looked at.**' : `${judgement.kind}: ${judgement.because}`}`;
    })
    .join('\n');
