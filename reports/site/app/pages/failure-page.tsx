import type { JSX } from 'preact';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import { showBoundary } from '../../../text/show-bisect.ts';
import type { SupportFailure } from '../../../support-matrix/support-matrix-model.ts';
import { failureHistory, seenSpan, type FailureLane } from '../../model/failure-history.ts';
import { nearestWithout } from '../../model/nearest-working.ts';
import { ownValue } from '../../model/own-value.ts';
import type { SiteIndex } from '../../model/site-index.ts';
import { acrossNights, acrossReleases, type NightLane } from '../../model/timeline.ts';
import { looksOf, plural, shortTime } from '../../model/words.ts';
import type { FailureDetails } from '../../site-model.ts';
import type { PageProps } from '../page-props.ts';
import { Copyable } from '../parts/copyable.tsx';
import { ExternalLink } from '../parts/external-link.tsx';
import { Heading } from '../parts/heading.tsx';
import { NeighbourList } from '../parts/neighbour-list.tsx';
import { LossCurves } from '../pictures/loss-curves.tsx';
import { Timeline } from '../pictures/timeline.tsx';
import { Scroll } from '../parts/scroll.tsx';

/** A failure: the least that shows it, why, since when, what to do instead, and the command that shows it again. */
export const FailurePage = ({ index, route }: PageProps): JSX.Element => {
  const failure = ownValue(index.matrix.failures, route.id);
  if (failure === undefined) {
    return (
      <>
        <Heading>No failure {route.id}</Heading>
        <p>None of this id is in these data. Ids change when the least config that shows a failure does.</p>
      </>
    );
  }
  const details = ownValue(index.data.failures, route.id);
  const lanes = failureHistory(index, route.id);
  const nights = acrossNights(index.data.nights, route.id);
  return (
    <>
      <Heading>
        Failure <code>{route.id}</code>
      </Heading>
      <p class="lead">
        <code class="message">{looksOf(failure)}</code>
      </p>
      <p>
        Violates <b>{failure.property}</b> in <b>{failure.phase}</b>
        {details !== undefined && <span class="quiet"> · {confirmedWords[details.confirmed]}</span>}
      </p>
      {failure.known !== undefined && (
        <p class="note">
          Known ({failure.known.kind}): <ExternalLink to={failure.known.link}>{failure.known.title}</ExternalLink>
        </p>
      )}
      <Minimal failure={failure} details={details} />
      <Since lanes={lanes} details={details} />
      <section>
        <h2>Releases</h2>
        <Timeline columns="release" counted="runs" lanes={acrossReleases(lanes)} />
      </section>
      <Nights title="Nights" columns="night" lanes={nights.filter(({ isNight }) => isNight)} />
      <Nights title="Campaigns" columns="campaign" lanes={nights.filter(({ isNight }) => !isNight)} />
      {details?.losses !== undefined && (
        <section>
          <h2>Losses, against {plural(details.losses.references.length, 'run')} that it is compared with</h2>
          <LossCurves losses={details.losses} />
        </section>
      )}
      <WorkAround index={index} id={route.id} failure={failure} lanes={lanes} />
      <section>
        <h2>See it yourself</h2>
        <Copyable text={details?.replay ?? `npx peft-matrix replay ${route.id}`} what="the replay command" />
      </section>
      {details !== undefined && <Evidence details={details} />}
      <section>
        <h2>Campaigns that show it</h2>
        <ul>
          {failure.campaigns
            .flatMap((at) => index.matrix.campaigns[at] ?? [])
            .map(({ id, matrix, finishedAt }) => (
              <li key={id}>
                <code>{id}</code>{' '}
                <span class="quiet">
                  of {shortTime(finishedAt)} UTC, matrix {matrix}
                </span>
              </li>
            ))}
        </ul>
      </section>
    </>
  );
};

interface NightsProps {
  readonly title: string;
  readonly columns: 'night' | 'campaign';
  readonly lanes: readonly NightLane[];
}

/** Each line of nights by itself: it has days of its own. */
const Nights = ({ title, columns, lanes }: NightsProps): JSX.Element | null =>
  lanes.length === 0 ? null : (
    <section>
      <h2>{title}</h2>
      {lanes.map((lane) => (
        <Timeline key={lane.name} columns={columns} counted="cells" lanes={[lane]} />
      ))}
    </section>
  );

const confirmedWords = {
  yes: 'a second run, in a cold process, showed the same',
  no: 'a second run did not show it',
  'not-run': 'not confirmed by a second run',
} as const;

interface OfFailure {
  readonly failure: SupportFailure;
  readonly details: FailureDetails | undefined;
}

const Minimal = ({ failure, details }: OfFailure): JSX.Element => {
  const entries = Object.entries(failure.minimal);
  return (
    <section>
      <h2>The least that shows it</h2>
      {entries.length === 0 ? (
        <p>Nothing but the defaults{failure.phase === 'import' ? ': it cannot be imported' : ''}.</p>
      ) : (
        <Scroll label="The least that shows it">
          <table class="plain">
            <thead>
              <tr>
                <th scope="col">value</th>
                <th scope="col">everything else held, it fails with</th>
              </tr>
            </thead>
            <tbody>
              {entries.map(([name, value]) => (
                <tr key={name}>
                  <th scope="row">
                    <code>
                      {name}={String(value)}
                    </code>
                  </th>
                  <td>{explained(details?.fails[name], String(value))}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {details?.stages !== undefined && (
        <p>
          The adapter alone: <b>{details.stages.adapter.verdict}</b>; the sharding alone:{' '}
          <b>{details.stages.sharding.verdict}</b>; together they fail.
        </p>
      )}
    </section>
  );
};

const explained = (fails: readonly (string | number | boolean)[] | undefined, value: string): string => {
  if (fails === undefined) return 'not known';
  if (fails.length === 1 && String(fails[0]) === value) return 'only this value';
  return fails.map(String).join(', ');
};

const Since = ({
  lanes,
  details,
}: {
  readonly lanes: readonly FailureLane[];
  readonly details: FailureDetails | undefined;
}): JSX.Element => (
  <section>
    <h2>Since when</h2>
    {details?.bisected !== undefined && <Bisected bisected={details.bisected} />}
    <ul>
      {lanes.length === 0 && <li>Nothing that could show it was run here.</li>}
      {lanes.map((lane) => {
        const span = seenSpan(lane);
        return (
          <li key={lane.evidence.slug}>
            {showEvidence(lane.evidence.evidence)}:{' '}
            {span === undefined ? (
              'no run shows it'
            ) : (
              <>
                seen on {span.first === span.last ? span.first : `${span.first} to ${span.last}`}
                {span.before === undefined ? ', nothing like it was run before' : `, not yet on ${span.before}`}
                {span.after === undefined ? '' : `, no longer on ${span.after}`}
              </>
            )}
          </li>
        );
      })}
    </ul>
  </section>
);

const Bisected = ({ bisected }: { readonly bisected: NonNullable<FailureDetails['bisected']> }): JSX.Element => (
  <div class="note">
    {bisected.since !== undefined && (
      <p>
        A bisect says: since <b>{showBoundary(bisected.since)}</b>
        {bisected.fixedIn !== undefined && (
          <>
            , fixed in <b>{showBoundary(bisected.fixedIn)}</b>
          </>
        )}
      </p>
    )}
    {bisected.culprits.map(({ kind, package: name, before, after, confirmed }) => (
      <p key={`${kind} ${name}`}>
        Culprit ({kind}): <b>{name}</b> {before} → {after}
        {confirmed ? ', confirmed by a second run' : ''}
      </p>
    ))}
    {bisected.unanswered !== undefined && <p>A bisect found no change: {bisected.unanswered}</p>}
  </div>
);

interface WorkAroundProps {
  readonly index: SiteIndex;
  readonly id: string;
  readonly failure: SupportFailure;
  readonly lanes: readonly FailureLane[];
}

/** What passed nearby, on the newest release that shows the failure. */
const WorkAround = ({ index, id, failure: { minimal }, lanes }: WorkAroundProps): JSX.Element => {
  const { defaults, shardings, precisions } = index.matrix;
  const lane = lanes.find((one) => seenSpan(one) !== undefined);
  const span = lane === undefined ? undefined : seenSpan(lane);
  const valueOf = (axis: string, other = ''): string => String(minimal[axis] ?? defaults[axis] ?? other);
  const near =
    lane === undefined || span === undefined
      ? []
      : nearestWithout(index, id, {
          evidence: lane.evidence,
          method: valueOf('adapter'),
          release: span.last,
          sharding: valueOf('sharding', shardings[0]),
          precision: valueOf('precision', precisions[0]),
          values: {},
        });
  return (
    <section>
      <h2>What passed nearby</h2>
      {span === undefined ? (
        <p>No run here shows the failure, so there is nothing to be near to.</p>
      ) : near.length === 0 ? (
        <p>No run of this method that could show the failure passed on this kind of device.</p>
      ) : (
        <NeighbourList index={index} neighbours={near} />
      )}
    </section>
  );
};

const Evidence = ({ details: { detail, frames, config } }: { readonly details: FailureDetails }): JSX.Element => (
  <section>
    <h2>What was seen</h2>
    <pre class="detail" tabIndex={0} aria-label="The whole message">
      {detail}
    </pre>
    {frames.length > 0 && (
      <>
        <h3>Innermost frames</h3>
        <ol class="frames">
          {frames.map((frame, at) => (
            <li key={at}>
              <code>{frame}</code>
            </li>
          ))}
        </ol>
      </>
    )}
    <details>
      <summary>The whole config</summary>
      <ul class="configs">
        {Object.entries(config).map(([name, value]) => (
          <li key={name}>
            <code>
              {name}={String(value)}
            </code>
          </li>
        ))}
      </ul>
    </details>
  </section>
);
