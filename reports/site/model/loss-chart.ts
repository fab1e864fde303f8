import type { LossCurves } from '../../report-model.ts';

/** One run in a chart of losses. */
export interface LossSeries {
  /** `this cell`, or what the other run is beside it. */
  readonly what: string;
  /** By step; null where a loss is not finite. */
  readonly losses: readonly (number | null)[];
  /** Where the finite ones lie, both from 0 to 1: `x` from the first step to the last, `y` from the least loss to the most. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LossChart {
  readonly series: readonly LossSeries[];
  readonly steps: number;
  /** Least and most of all losses; undefined where none is finite. */
  readonly range: readonly [number, number] | undefined;
}

/** The cell first, then what it is compared with. Equal losses lie in the middle. */
export const lossChart = ({ cell, references }: LossCurves): LossChart => {
  const runs = [{ what: 'this cell', losses: cell }, ...references];
  const all = runs.flatMap(({ losses }) => losses.filter((loss) => loss !== null));
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const steps = Math.max(...runs.map(({ losses }) => losses.length));
  const heightOf = (loss: number): number => (most === least ? 0.5 : (loss - least) / (most - least));
  return {
    steps,
    range: all.length === 0 ? undefined : [least, most],
    series: runs.map(({ what, losses }) => ({
      what,
      losses,
      points: losses.flatMap((loss, step) => (loss === null ? [] : [{ x: placeOf(step, steps), y: heightOf(loss) }])),
    })),
  };
};

/** Where a step lies, from 0 to 1; a single one in the middle. */
export const placeOf = (step: number, steps: number): number => (steps === 1 ? 0.5 : step / (steps - 1));

/** How far a loss is from that of the cell: `0.53 %`, or what there is to say where one is not finite. */
export const lossDistance = (loss: number | null | undefined, own: number | null | undefined): string => {
  if (loss === undefined || own === undefined) return 'no such step';
  if (loss === null || own === null) return loss === own ? 'neither is finite' : 'not finite';
  if (loss === own) return 'equal';
  return own === 0 ? 'from zero' : `${((100 * Math.abs(loss - own)) / Math.abs(own)).toPrecision(2)} %`;
};

/** A loss with as many digits as tell anything; `–` where there is none that is finite. */
export const showLoss = (loss: number | null | undefined): string =>
  loss === undefined || loss === null ? '–' : String(Number(loss.toPrecision(7)));

/**
 * How far two runs are apart, in words: curves that lie on each other do not show it. `at most 0.53 % apart, at step 3`, and at
 * which steps there is nothing to compare.
 *
 * @param own - Those of the cell, to which the distance is relative.
 */
export const lossesApart = (losses: LossSeries['losses'], own: LossSeries['losses']): string => {
  const steps = Array.from({ length: Math.max(losses.length, own.length) }, (_, at) =>
    stepOf(losses[at], own[at], at + 1),
  );
  const compared = steps.filter(({ distance }) => distance !== undefined);
  const farthest = compared.toSorted((left, right) => (right.distance ?? 0) - (left.distance ?? 0))[0];
  const rest = Map.groupBy(
    steps.filter(({ trouble }) => trouble !== undefined),
    ({ trouble }) => trouble,
  );
  return [
    farthest === undefined ? 'nothing to compare' : sayFarthest(farthest, compared.length === steps.length),
    ...[...rest].map(
      ([trouble = '', at]) =>
        `at step${at.length === 1 ? '' : 's'} ${at.map(({ step }) => step).join(', ')} ${trouble}`,
    ),
  ].join('; ');
};

interface ComparedStep {
  readonly step: number;
  readonly loss: number | null | undefined;
  readonly own: number | null | undefined;
  /** Relative to the loss of the cell; undefined where there is none of both. */
  readonly distance: number | undefined;
  /** Why there is none, unless both are the same there. */
  readonly trouble?: string;
}

const stepOf = (loss: ComparedStep['loss'], own: ComparedStep['own'], step: number): ComparedStep => {
  const one = { step, loss, own, distance: undefined };
  if (loss === undefined || own === undefined) return { ...one, trouble: 'only one of them is there' };
  if (loss === null && own === null) return one;
  if (loss === null || own === null) return { ...one, trouble: 'only one of them is finite' };
  return { ...one, distance: loss === own ? 0 : Math.abs(loss - own) / Math.abs(own) };
};

const sayFarthest = ({ step, loss, own, distance }: ComparedStep, isAll: boolean): string => {
  if (distance === 0) return isAll ? 'equal at every step' : 'equal where both are finite';
  return own === 0 ? `apart from zero, at step ${step}` : `at most ${lossDistance(loss, own)} apart, at step ${step}`;
};
