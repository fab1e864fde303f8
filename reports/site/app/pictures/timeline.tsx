import type { JSX } from 'preact';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import type { FailureLane, ReleasePoint } from '../../model/failure-history.ts';
import { Scroll } from '../parts/scroll.tsx';

const [left, step, laneHeight, head] = [170, 46, 34, 22] as const;

/** A failure across releases, a lane for each kind of evidence, and the numbers behind it. */
export const Timeline = ({ lanes }: { readonly lanes: readonly FailureLane[] }): JSX.Element => {
  const releases = lanes[0]?.points.map(({ release }) => release) ?? [];
  if (releases.length === 0) return <p>Nothing that could show it was run.</p>;
  const [width, height] = [left + releases.length * step, head + lanes.length * laneHeight];
  return (
    <>
      <Scroll label="Timeline of the failure">
        <svg class="picture" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img">
          <title>Where the failure shows, release by release; the table below has the numbers</title>
          {releases.map((release, at) => (
            <text key={release} class="axis" x={centre(at)} y={14} text-anchor="middle">
              {release}
            </text>
          ))}
          {lanes.map(({ evidence, points }, lane) => {
            const y = head + lane * laneHeight + laneHeight / 2;
            return (
              <g key={evidence.slug}>
                <text class="axis" x={0} y={y + 4}>
                  {showEvidence(evidence.evidence)}
                </text>
                <line class="rail" x1={left} x2={width} y1={y} y2={y} />
                {points.map((point, at) => (
                  <Point key={point.release} point={point} x={centre(at)} y={y} />
                ))}
              </g>
            );
          })}
        </svg>
      </Scroll>
      <p class="quiet key">
        <span class="dot shows" /> shows it, with the number of runs <span class="dot clear" /> was run, not seen{' '}
        <span class="dot none" /> not run
      </p>
      <details>
        <summary>The numbers</summary>
        <Scroll label="Numbers of the timeline">
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">measured on</th>
                {releases.map((release) => (
                  <th scope="col" key={release}>
                    {release}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lanes.map(({ evidence, points }) => (
                <tr key={evidence.slug}>
                  <th scope="row">{showEvidence(evidence.evidence)}</th>
                  {points.map(({ release, runs, shown }) => (
                    <td key={release}>{runs === 0 ? 'not run' : `${shown} of ${runs}`}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </>
  );
};

const centre = (at: number): number => left + at * step + step / 2;

const Point = ({
  point: { runs, shown },
  x,
  y,
}: {
  readonly point: ReleasePoint;
  readonly x: number;
  readonly y: number;
}): JSX.Element => {
  if (shown > 0) {
    return (
      <>
        <circle class="shows" cx={x} cy={y} r={11} />
        <text class="count" x={x} y={y + 4} text-anchor="middle">
          {shown > 999 ? '999+' : shown}
        </text>
      </>
    );
  }
  return runs > 0 ? (
    <circle class="clear" cx={x} cy={y} r={6} />
  ) : (
    <line class="none" x1={x - 4} x2={x + 4} y1={y} y2={y} />
  );
};
