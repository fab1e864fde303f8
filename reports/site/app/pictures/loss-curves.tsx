import type { JSX } from 'preact';
import type { LossCurves as Losses } from '../../../report-model.ts';
import { lossChart, lossDistance, placeOf, type LossSeries } from '../../model/loss-chart.ts';
import { Numbers } from '../parts/numbers.tsx';
import { Scroll } from '../parts/scroll.tsx';

const [left, width, top, height, foot] = [64, 360, 12, 150, 26] as const;

/** The losses of a failing cell beside those that it is compared with, and the numbers behind them. */
export const LossCurves = ({ losses }: { readonly losses: Losses }): JSX.Element => {
  const { series, steps, range } = lossChart(losses);
  const [cell, ...references] = series;
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
            {series.toReversed().map((one, at) => (
              <Curve key={at} series={one} isCell={at === series.length - 1} />
            ))}
          </svg>
        </Scroll>
      )}
      <p class="quiet key">
        <span class="stroke cell" /> this cell <span class="stroke other" />{' '}
        {references.map(({ what }) => what).join('; ')} <span>· mean loss of each training step</span>
      </p>
      <Numbers
        label="Numbers of the losses"
        corner="step"
        columns={series.map(({ what }) => what)}
        rows={Array.from({ length: steps }, (_, step) => ({
          name: step + 1,
          cells: series.map((one, at) => (
            <>
              {one.losses[step] ?? '–'}
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

const Curve = ({ series, isCell }: { readonly series: LossSeries; readonly isCell: boolean }): JSX.Element => (
  <g class={isCell ? 'cell' : 'other'}>
    <polyline points={series.points.map(({ x, y }) => `${xOf(x)},${yOf(y)}`).join(' ')} />
    {series.points.map(({ x, y }, at) => (
      <circle key={at} cx={xOf(x)} cy={yOf(y)} r={isCell ? 3.5 : 5} />
    ))}
  </g>
);
