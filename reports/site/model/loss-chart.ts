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
