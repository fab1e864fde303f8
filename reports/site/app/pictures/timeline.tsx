import type { JSX } from 'preact';
import type { TimelineLane, TimelinePoint } from '../../model/timeline.ts';
import { Numbers } from '../parts/numbers.tsx';
import { Scroll } from '../parts/scroll.tsx';

const [left, laneHeight, head] = [170, 34, 22] as const;
/** Width of a column whose name has so many characters. */
const stepFor = (longest: number): number => Math.max(46, longest * 7 + 10);

interface TimelineProps {
  /** What the columns are. */
  readonly columns: 'release' | 'night' | 'campaign';
  /** What a count is of: `runs`, `cells`. */
  readonly counted: string;
  /** All with the same columns. */
  readonly lanes: readonly TimelineLane[];
}

/** A failure across releases or nights, and the numbers behind it. */
export const Timeline = ({ columns, counted, lanes }: TimelineProps): JSX.Element => {
  const names = lanes[0]?.points.map(({ name }) => name) ?? [];
  if (names.length === 0) return <p>Nothing that could show it was run.</p>;
  const step = stepFor(Math.max(...names.map((name) => name.length)));
  const [width, height] = [left + names.length * step, head + lanes.length * laneHeight];
  const centre = (at: number): number => left + at * step + step / 2;
  return (
    <>
      <Scroll label={`Timeline of the failure by ${columns}`}>
        <svg class="picture" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img">
          <title>
            Where the failure shows, {columns} by {columns}; the table below has the numbers
          </title>
          {names.map((name, at) => (
            <text key={at} class="axis" x={centre(at)} y={14} text-anchor="middle">
              {name}
            </text>
          ))}
          {lanes.map(({ name, points }, lane) => {
            const y = head + lane * laneHeight + laneHeight / 2;
            return (
              <g key={name}>
                <text class="axis" x={0} y={y + 4}>
                  {name}
                </text>
                <line class="rail" x1={left} x2={width} y1={y} y2={y} />
                {points.map((point, at) => (
                  <Point key={at} point={point} x={centre(at)} y={y} />
                ))}
              </g>
            );
          })}
        </svg>
      </Scroll>
      <p class="quiet key">
        {signs(columns, counted)
          .filter(([state]) => state !== 'met' || lanes.some(({ points }) => points.some((one) => one.state === 'met')))
          .map(([state, words]) => (
            <span class="sign" key={state}>
              <span class={`dot ${state}`} /> {words}
            </span>
          ))}
      </p>
      <Numbers
        label={`Numbers of the timeline by ${columns}`}
        columns={names}
        rows={lanes.map(({ name, points }) => ({ name, cells: points.map(({ said }) => said) }))}
      />
    </>
  );
};

/** What the signs mean. Of nights only news are told. */
const signs = (
  columns: TimelineProps['columns'],
  counted: string,
): readonly (readonly [TimelinePoint['state'], string])[] => [
  ['shows', `shows it, with the number of ${counted}`],
  ['met', 'met while shrinking, in no cell of the plan'],
  ['clear', columns === 'release' ? 'was run, not seen' : 'does not show it any more'],
  ['none', columns === 'release' ? 'not run' : 'nothing told'],
];

const Point = ({
  point: { state, count },
  x,
  y,
}: {
  readonly point: TimelinePoint;
  readonly x: number;
  readonly y: number;
}): JSX.Element => {
  switch (state) {
    case 'shows':
      return (
        <>
          <circle class="shows" cx={x} cy={y} r={11} />
          <text class="count" x={x} y={y + 4} text-anchor="middle">
            {count > 999 ? '999+' : count}
          </text>
        </>
      );
    case 'met':
      return <circle class="met" cx={x} cy={y} r={8} />;
    case 'clear':
      return <circle class="clear" cx={x} cy={y} r={6} />;
    case 'none':
      return <line class="none" x1={x - 4} x2={x + 4} y1={y} y2={y} />;
  }
};
