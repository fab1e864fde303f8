import type { ComponentChildren, JSX } from 'preact';
import { combineCells } from '../../../support-matrix/combine-states.ts';
import { chooseVariant } from '../../model/choose-variant.ts';
import {
  failureMoves,
  releaseBefore,
  releaseChangeKinds,
  releaseChanges,
  type ReleaseChange,
  type ReleaseChangeKind,
} from '../../model/release-changes.ts';
import { allRowsOf, methodsOf } from '../../model/site-index.ts';
import { plural, sayCombined, states, stateWords } from '../../model/words.ts';
import type { PageProps } from '../page-props.ts';
import { EnvironmentTable } from '../parts/environment-table.tsx';
import { EvidencePicker } from '../parts/evidence-picker.tsx';
import { FailureLine } from '../parts/failure-line.tsx';
import { Heading } from '../parts/heading.tsx';
import { MethodLink, ReleaseLink } from '../parts/links.tsx';
import { StateShape, StateWord } from '../parts/state-mark.tsx';
import { Scroll } from '../parts/scroll.tsx';

/** A release: what it comes to, what changed against the one before, and with what it was run. */
export const ReleasePage = ({ index, route }: PageProps): JSX.Element => {
  const { matrix } = index;
  const release = route.id;
  const { evidence } = chooseVariant(index, { on: route.params['on'] ?? '' });
  const on = evidence?.slug;
  const isKnown = matrix.releases.includes(release);
  const before = releaseBefore(index, release);
  const after = isKnown ? matrix.releases[matrix.releases.indexOf(release) + 1] : undefined;
  const environments = matrix.environments.filter(
    (one) => one.release === release && one.device === evidence?.evidence.device,
  );
  return (
    <>
      <Heading>PEFT {release}</Heading>
      {!isKnown && <p>Nothing was run on a release of this name.</p>}
      <p class="neighbours">
        {before !== undefined && (
          <span>
            before: <ReleaseLink id={before} on={on} />
          </span>
        )}
        {after !== undefined && (
          <span>
            after: <ReleaseLink id={after} on={on} />
          </span>
        )}
      </p>
      <div class="bar">
        <EvidencePicker index={index} shown={evidence} />
      </div>
      {evidence !== undefined && isKnown && <Totals index={index} release={release} evidence={evidence.index} />}
      {evidence !== undefined && before !== undefined && (
        <Changes index={index} release={release} evidence={evidence.index} on={on} before={before} />
      )}
      {environments.length > 0 && (
        <section>
          <h2>{plural(environments.length, 'environment')}</h2>
          <EnvironmentTable environments={environments} on={on} />
        </section>
      )}
    </>
  );
};

interface OfRelease {
  readonly index: PageProps['index'];
  readonly release: string;
  readonly evidence: number;
}

const Totals = ({ index, release, evidence }: OfRelease): JSX.Element => {
  const rows = allRowsOf(index, evidence);
  const cells = rows.map(({ cells: { [release]: cell } }) => combineCells([cell]).state);
  const asked = new Set(rows.map(({ method }) => method));
  const unasked = methodsOf(index).filter((method) => !asked.has(method)).length;
  return (
    <>
      <ul class="totals" aria-label="Combinations of method, sharding and precision">
        {states.map((state) => (
          <li key={state}>
            <b>{cells.filter((one) => one === state).length}</b> <StateWord state={state} />
          </li>
        ))}
      </ul>
      {unasked > 0 && <p class="quiet">Of {plural(unasked, 'more method')} nothing was run here: unknown.</p>}
    </>
  );
};

const Changes = ({
  index,
  release,
  evidence,
  on,
  before,
}: OfRelease & { readonly on: string | undefined; readonly before: string }): JSX.Element => {
  const changes = releaseChanges(index, evidence, release);
  const { appeared, vanished, unaskedHere, unaskedBefore } = failureMoves(index, evidence, release);
  return (
    <section>
      <h2>
        What changed against <ReleaseLink id={before} on={on} />
      </h2>
      <p class="quiet">
        States of neighbouring releases are compared; each may have been run with other values of further axes.
      </p>
      {changes.length === 0 && <p>No state changed.</p>}
      {releaseChangeKinds.map((kind) => (
        <ChangeTable key={kind} kind={kind} changes={changes.filter((change) => change.kind === kind)} on={on} />
      ))}
      <FailureMoveList title={`Failures that ${before} does not show`} ids={appeared} index={index} on={on} />
      <FailureMoveList title={`Failures of ${before} that it does not show`} ids={vanished} index={index} on={on} />
      <FailureMoveList
        title={`Failures of ${before} for which nothing was run here`}
        ids={unaskedHere}
        index={index}
        on={on}
        folded
      />
      <FailureMoveList
        title={`Failures for which nothing was run on ${before}`}
        ids={unaskedBefore}
        index={index}
        on={on}
        folded
      />
    </section>
  );
};

const kindTitles: Readonly<Record<ReleaseChangeKind, string>> = {
  worse: 'Worse',
  better: 'Better',
  offered: 'Offered since this release',
  withdrawn: 'No longer offered',
  'first-run': 'Run here, and not on the release before',
  'not-run': 'Not run here',
};

interface ChangeTableProps {
  readonly kind: ReleaseChangeKind;
  readonly changes: readonly ReleaseChange[];
  readonly on: string | undefined;
}

const ChangeTable = ({ kind, changes, on }: ChangeTableProps): JSX.Element | null => {
  if (changes.length === 0) return null;
  const table = (
    <Scroll label={kindTitles[kind]}>
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">method</th>
            <th scope="col">sharding</th>
            <th scope="col">precision</th>
            <th scope="col">before</th>
            <th scope="col">now</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ method, sharding, precision, before, after }) => (
            <tr key={`${method} ${sharding} ${precision}`}>
              <th scope="row">
                <MethodLink id={method} on={on} />
              </th>
              <td>{sharding}</td>
              <td>{precision}</td>
              <td class="quiet">{stateWords[before.state]}</td>
              <td>
                <StateShape state={after.state} /> {sayCombined(after)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
  return (
    <Part title={`${kindTitles[kind]}: ${changes.length}`} folded={kind === 'first-run' || kind === 'not-run'}>
      {table}
    </Part>
  );
};

interface PartProps {
  readonly title: string;
  /** It tells of what we ran and not of PEFT: it can be opened. */
  readonly folded: boolean;
  readonly children: ComponentChildren;
}

const Part = ({ title, folded, children }: PartProps): JSX.Element =>
  folded ? (
    <details>
      <summary>{title}</summary>
      {children}
    </details>
  ) : (
    <>
      <h3>{title}</h3>
      {children}
    </>
  );

interface FailureMoveListProps {
  readonly title: string;
  readonly ids: readonly string[];
  readonly index: PageProps['index'];
  readonly on: string | undefined;
  readonly folded?: boolean;
}

const FailureMoveList = ({ title, ids, index, on, folded = false }: FailureMoveListProps): JSX.Element | null =>
  ids.length === 0 ? null : (
    <Part title={folded ? `${title}: ${ids.length}` : title} folded={folded}>
      <ul class="lines">
        {ids.map((id) => (
          <li key={id}>
            <FailureLine id={id} failure={index.matrix.failures[id]} on={on} />
          </li>
        ))}
      </ul>
    </Part>
  );
