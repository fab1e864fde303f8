import type { JSX } from 'preact';
import type { LossCurves as Losses } from '../../../report-model.ts';
import { lossChart, lossDistance, lossesApart, placeOf, showLoss, type LossSeries } from '../../model/loss-chart.ts';
import { Numbers } from '../parts/numbers.tsx';
import { Scroll } from '../parts/scroll.tsx';

const [left, width, top, height, foot] = [64, 360, 12, 150, 26] as const;

/** The losses of a failing cell beside those that it is compared with, and the numbers behind them. */
export const LossCurves = ({ losses }: { readonly losses: Losses }): JSX.Element => {
  const { series, steps, range } = lossChart(losses);
  const [cell, ...others] = series;
  return (
    <>
      {range === undefined ? (
        <p>None of them is finite.</p>
      ) : (
        <Scroll label="Losses by step">
          <svg
            class="picture losses"
            width={left + width + 12}
            height={top + height + foot}
            viewBox={`0 0 ${left + width + 12} ${top + height + foot}`}
            role="img"
          >
            <title>Losses by step, of this cell and of what it is compared with; the table below has the numbers</title>
            {range.map((loss, at) => (
              <g key={at}>
                <line class="rail" x1={left} x2={left + width} y1={yOf(at)} y2={yOf(at)} />
                <text class="axis" x={left - 8} y={yOf(at) + 4} text-anchor="end">
                  {loss.toPrecision(4)}
                </text>
              </g>
            ))}
            {Array.from({ length: steps }, (_, step) => (
              <text key={step} class="axis" x={xOf(placeOf(step, steps))} y={top + height + 18} text-anchor="middle">
                {step + 1}
              </text>
            ))}
            {/* The cell last: it lies above the others. */}
            {series.map((one, at) => <Curve key={at} series={one} at={at} />).toReversed()}
          </svg>
        </Scroll>
      )}
      <p class="quiet key">
        {series.map(({ what }, at) => (
          <span class="sign" key={at}>
            <svg class="losses" width={22} height={4} aria-hidden="true">
              <g class={lookOf(at)}>
                <polyline points="0,2 22,2" />
              </g>
            </svg>
            {what}
          </span>
        ))}
        <span>mean loss of each training step</span>
      </p>
      <ul class="apart">
        {others.map(({ what, losses: theirs }, at) => (
          <li key={at}>
            {what}: {lossesApart(theirs, losses.cell)}
          </li>
        ))}
      </ul>
      <Numbers
        label="Numbers of the losses"
        corner="step"
        columns={series.map(({ what }) => what)}
        rows={Array.from({ length: steps }, (_, step) => ({
          name: step + 1,
          cells: series.map((one, at) => (
            <>
              {showLoss(one.losses[step])}
              {at > 0 && <span class="quiet"> ({lossDistance(one.losses[step], cell?.losses[step])})</span>}
            </>
          )),
        }))}
        figures
      />
    </>
  );
};

const xOf = (x: number): number => left + x * width;
const yOf = (y: number): number => top + (1 - y) * height;

/** The cell is the first of the series; of the others each has its dashes, for they are not told apart by a colour. */
const lookOf = (at: number): string => (at === 0 ? 'cell' : `other dashes-${at % 3}`);

const Curve = ({ series: { points }, at }: { readonly series: LossSeries; readonly at: number }): JSX.Element => (
  <g class={lookOf(at)}>
    <polyline points={points.map(({ x, y }) => `${xOf(x)},${yOf(y)}`).join(' ')} />
    {points.map(({ x, y }, step) => (
      <circle key={step} cx={xOf(x)} cy={yOf(y)} r={at === 0 ? 3.5 : 5} />
    ))}
  </g>
);
