import type { JSX } from 'preact';
import type { Combined } from '../../../support-matrix/combine-states.ts';
import type { Heat } from '../../model/heat.ts';
import { runsOf, sayCombined } from '../../model/words.ts';
import { Scroll } from '../parts/scroll.tsx';

const [left, head, step, line] = [140, 44, 62, 22] as const;

/** Share of the runs that passed: methods down, shardings and precisions across. The table beside it has the numbers. */
export const HeatMap = ({
  heat: { columns, lines },
  title,
}: {
  readonly heat: Heat;
  readonly title: string;
}): JSX.Element => {
  const [width, height] = [left + columns.length * step, head + lines.length * line];
  return (
    <Scroll label="Heat map">
      <svg class="picture heat" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img">
        <title>{title}</title>
        {columns.map(({ sharding, precision }, at) => (
          <g key={`${sharding} ${precision}`}>
            <text class="axis" x={left + at * step + step / 2} y={14} text-anchor="middle">
              {sharding}
            </text>
            <text class="axis quiet" x={left + at * step + step / 2} y={30} text-anchor="middle">
              {precision.replace('bf16-autocast', 'autocast')}
            </text>
          </g>
        ))}
        {lines.map(({ method, places }, row) => (
          <g key={method}>
            <text class="axis" x={0} y={head + row * line + 15}>
              {method.length > 20 ? `${method.slice(0, 19)}…` : method}
            </text>
            {places.map((combined, at) => (
              <Tile key={at} combined={combined} x={left + at * step} y={head + row * line} />
            ))}
          </g>
        ))}
      </svg>
    </Scroll>
  );
};

const Tile = ({
  combined,
  x,
  y,
}: {
  readonly combined: Combined;
  readonly x: number;
  readonly y: number;
}): JSX.Element => (
  <g class={`tile ${shade(combined)}`}>
    <title>{sayCombined(combined)}</title>
    <rect x={x + 1} y={y + 1} width={step - 2} height={line - 2} rx={2} />
    <text x={x + step / 2} y={y + 15} text-anchor="middle">
      {label(combined)}
    </text>
  </g>
);

/** `share-0` to `share-10` of what was run, else the state. */
const shade = (combined: Combined): string => {
  const runs = runsOf(combined);
  return runs === 0 ? combined.state : `share-${Math.floor((combined.pass / runs) * 10)}`;
};

const label = (combined: Combined): string => {
  const runs = runsOf(combined);
  if (runs > 0) return `${Math.floor((combined.pass / runs) * 100)}%`;
  return combined.state === 'not-offered' ? '–' : '?';
};
