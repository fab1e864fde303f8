import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import type { SupportCell, SupportState } from '../../../support-matrix/support-matrix-model.ts';
import { placeEvidence, reasonsOf, type VariantEvidence } from '../../model/cell-evidence.ts';
import type { Choice } from '../../model/choose-variant.ts';
import { formatRoute } from '../../model/route.ts';
import { showValues } from '../../model/show-values.ts';
import type { SiteIndex } from '../../model/site-index.ts';
import { plural, shortTime } from '../../model/words.ts';
import { Copyable } from './copyable.tsx';
import { EnvironmentTable } from './environment-table.tsx';
import { FailureLine } from './failure-line.tsx';
import { MethodLink, ReleaseLink } from './links.tsx';
import { CombinedWord } from './state-mark.tsx';

interface EvidencePanelProps {
  readonly index: SiteIndex;
  readonly choice: Choice;
  readonly method: string;
  readonly release: string;
  readonly onClose: () => void;
}

/** Everything that stands behind one place of the matrix. */
export const EvidencePanel = ({ index, choice, method, release, onClose }: EvidencePanelProps): JSX.Element => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [method, release]);
  const { combined, variants, environments, campaigns } = placeEvidence(index, choice, method, release);
  const on = choice.evidence?.slug;
  const closeOnEscape = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onClose();
  };
  return (
    <aside class="panel" aria-labelledby="evidence" onKeyDown={closeOnEscape}>
      <div class="panel-head">
        <h2 id="evidence" tabIndex={-1} ref={heading}>
          <MethodLink id={method} on={on} /> on <ReleaseLink id={release} on={on} />
        </h2>
        <button type="button" class="close" onClick={onClose} aria-label="Close the evidence">
          <span aria-hidden="true">×</span>
        </button>
      </div>
      <p class="lead">
        <CombinedWord combined={combined} />
      </p>
      <p class="quiet">
        {choice.evidence === undefined
          ? 'Nothing was measured'
          : `Measured on ${showEvidence(choice.evidence.evidence)}`}
      </p>
      {variants.length === 0 && <p>There was no run, and nothing says why not. It may work; nobody has looked.</p>}
      {worstFirst(variants).map((variant) => (
        <Variant
          key={`${variant.sharding} ${variant.precision}`}
          index={index}
          variant={variant}
          place={{ method, release, on }}
        />
      ))}
      {environments.length > 0 && (
        <details>
          <summary>{plural(environments.length, 'environment')}</summary>
          <EnvironmentTable environments={environments} on={on} />
        </details>
      )}
      {campaigns.length > 0 && (
        <details>
          <summary>{plural(campaigns.length, 'campaign')}</summary>
          <ul>
            {campaigns.map(({ id, matrix, executor, finishedAt, complete }) => (
              <li key={id}>
                <code>{id}</code> {matrix}, {executor}, {shortTime(finishedAt)} UTC{complete ? '' : ', incomplete'}
              </li>
            ))}
          </ul>
        </details>
      )}
    </aside>
  );
};

/** What somebody who opens a place that is not green came for. */
const worstFirst = (variants: readonly VariantEvidence[]): readonly VariantEvidence[] =>
  variants.toSorted((left, right) => urgency.indexOf(left.combined.state) - urgency.indexOf(right.combined.state));

const urgency: readonly SupportState[] = ['fails', 'partly', 'works', 'not-offered', 'unknown'];

interface Place {
  readonly method: string;
  readonly release: string;
  readonly on: string | undefined;
}

interface VariantProps {
  readonly index: SiteIndex;
  readonly variant: VariantEvidence;
  readonly place: Place;
}

const Variant = ({ index, variant: { sharding, precision, cell, combined }, place }: VariantProps): JSX.Element => {
  const ask = {
    ...(place.on !== undefined && { on: place.on }),
    method: place.method,
    release: place.release,
    sharding,
    precision,
  };
  return (
    <section class="variant">
      <h3>
        {sharding === 'none' ? 'not sharded' : sharding}, {precision}
      </h3>
      <p>
        <CombinedWord combined={combined} />{' '}
        <a class="aside" href={formatRoute({ page: 'check', id: '', params: ask })}>
          will it work?
        </a>
      </p>
      {cell !== undefined && <CellDetails index={index} cell={cell} on={place.on} />}
    </section>
  );
};

interface CellDetailsProps {
  readonly index: SiteIndex;
  readonly cell: SupportCell;
  readonly on: string | undefined;
}

/** Failures with their configs and commands, what passed, and why the rest was not run. */
export const CellDetails = ({ index, cell, on }: CellDetailsProps): JSX.Element => {
  const { matrix, data } = index;
  return (
    <>
      {(cell.failures ?? []).map(({ id, cells, configs }) => (
        <div key={id} class="shown-failure">
          <FailureLine id={id} failure={matrix.failures[id]} on={on} />
          <p class="quiet">{plural(cells, 'run')}, such as</p>
          <Configs index={index} configs={configs} />
          <Copyable text={data.failures[id]?.replay ?? `npx peft-matrix replay ${id}`} what="the replay command" />
        </div>
      ))}
      {(cell.passed ?? []).length > 0 && (
        <>
          <p class="quiet">Passed, such as</p>
          <Configs index={index} configs={cell.passed ?? []} />
        </>
      )}
      <Reasons title="Not offered" index={index} counted={cell.unsupported} />
      <Reasons title="Left out" index={index} counted={cell.skipped} />
      <Reasons title="Could not be asked" index={index} counted={cell.broken} />
    </>
  );
};

const Configs = ({
  index,
  configs,
}: {
  readonly index: SiteIndex;
  readonly configs: readonly number[];
}): JSX.Element => (
  <ul class="configs">
    {configs.map((at) => (
      <li key={at}>
        <code>{showValues(index.matrix.configs[at] ?? {})}</code>
      </li>
    ))}
  </ul>
);

interface ReasonsProps {
  readonly title: string;
  readonly index: SiteIndex;
  readonly counted: SupportCell['unsupported'];
}

const Reasons = ({ title, index, counted }: ReasonsProps): JSX.Element | null => {
  const reasons = reasonsOf(index.matrix, counted);
  if (reasons.length === 0) return null;
  return (
    <>
      <p class="quiet">{title}</p>
      <ul class="reasons">
        {reasons.map(({ reason, cells }, at) => (
          <li key={at}>
            {reason.because}
            {reason.since !== undefined && ` (since ${reason.since})`}
            {reason.until !== undefined && ` (until ${reason.until})`}
            <span class="quiet"> · {plural(cells, 'cell')}</span>
          </li>
        ))}
      </ul>
    </>
  );
};
