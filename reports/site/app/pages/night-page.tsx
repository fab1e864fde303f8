import type { JSX } from 'preact';
import type { ChangeKind, FailureChange } from '../../../diff/diff-model.ts';
import { showValues } from '../../model/show-values.ts';
import { nightOf, plural, shortTime } from '../../model/words.ts';
import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';
import { FailureLink } from '../parts/links.tsx';
import { Select } from '../parts/picker.tsx';
import { choose } from '../use-route.ts';

/** What is new between a campaign and the one before it of the same matrix. */
export const NightPage = ({ index, route }: PageProps): JSX.Element => {
  const { nights } = index.data;
  const night = nights.find(({ b }) => b.id === route.params['campaign']) ?? nights.at(-1);
  if (night === undefined) {
    return (
      <>
        <Heading>The night</Heading>
        <p>
          There is only one campaign of each matrix here, so nothing can be new yet. The next one is compared with it.
        </p>
      </>
    );
  }
  return (
    <>
      <Heading>The night of {nightOf(night.b)}</Heading>
      <div class="bar">
        <Select
          label="Campaign"
          name="campaign"
          options={nights.toReversed().map(({ b }) => [b.id, `${b.id}, ${shortTime(b.finishedAt)}`])}
          value={night.b.id}
          onPick={(campaign) => choose({ campaign })}
        />
      </div>
      <p class="lead" role="status">
        {night.regressed ? (
          <b class="state fails">
            <i class="shape fails" aria-hidden="true" /> Something regressed.
          </b>
        ) : (
          <b class="state works">
            <i class="shape works" aria-hidden="true" /> Nothing regressed.
          </b>
        )}{' '}
        <span class="quiet">
          <code>{night.b.id}</code> of {shortTime(night.b.finishedAt)} UTC against <code>{night.a.id}</code> of{' '}
          {shortTime(night.a.finishedAt)} UTC; matrix {night.b.matrix}, {night.b.executor}
        </span>
      </p>
      {shownKinds.map((kind) => (
        <Kind key={kind} kind={kind} changes={night.changes.filter(({ change }) => change === kind)} />
      ))}
      {night.reasons.length > 0 && (
        <section>
          <h2>Not offered for another reason than before</h2>
          <ul class="lines">
            {night.reasons.map(({ was, becomes, cells }, at) => (
              <li key={at}>
                <span class="quiet">{was}</span> → {becomes} <span class="quiet">· {plural(cells, 'cell')}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {[...night.pins.onlyA, ...night.pins.onlyB].length > 0 && (
        <p class="quiet">
          Compared with nothing:{' '}
          {[...night.pins.onlyA.map((pin) => `${pin} (gone)`), ...night.pins.onlyB.map((pin) => `${pin} (new)`)].join(
            ', ',
          )}
        </p>
      )}
    </>
  );
};

/** What matters first; the last two tell that nothing is new. */
const shownKinds: readonly ChangeKind[] = ['regressed', 'new', 'changed', 'fixed', 'gone', 'not-asked', 'same'];

const kindWords: Readonly<Record<ChangeKind, readonly [string, string]>> = {
  regressed: ['Regressed', 'what passed shows it now'],
  new: ['New', 'what was not offered fails'],
  changed: ['Changed', 'the same fails in another way'],
  fixed: ['Fixed', 'what showed it passes'],
  gone: ['Gone', 'it is no longer offered'],
  'not-asked': ['Not asked', 'only one of the two asked'],
  same: ['As before', 'both show it'],
};

const Kind = ({
  kind,
  changes,
}: {
  readonly kind: ChangeKind;
  readonly changes: readonly FailureChange[];
}): JSX.Element | null => {
  if (changes.length === 0) return null;
  const [title, meaning] = kindWords[kind];
  const list = (
    <ul class="lines">
      {changes.map((change, at) => (
        <li key={at}>
          <FailureLink id={change.failure} on={undefined} /> {change.property} in {change.phase}{' '}
          {change.known !== undefined && <span class="tag">known: {change.known}</span>}
          <code class="message">
            {change.exception === '' ? change.message : `${change.exception}: ${change.message}`}
          </code>
          <span class="quiet">
            with <code>{showValues(change.minimal)}</code> on {change.pins.join(', ')} · {plural(change.cells, 'run')}
            {change.was !== undefined && change.was.length > 0 && ` · was ${change.was.join(', ')}`}
            {change.becomes !== undefined && change.becomes.length > 0 && ` · now ${change.becomes.join(', ')}`}
          </span>
        </li>
      ))}
    </ul>
  );
  return kind === 'same' || kind === 'not-asked' ? (
    <details>
      <summary>
        {title}: {changes.length} <span class="quiet">({meaning})</span>
      </summary>
      {list}
    </details>
  ) : (
    <section>
      <h2>
        {title}: {changes.length} <span class="quiet">{meaning}</span>
      </h2>
      {list}
    </section>
  );
};
