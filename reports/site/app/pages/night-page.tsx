import type { JSX } from 'preact';
import type { ChangeKind, FailureChange } from '../../../diff/diff-model.ts';
import { newsOfDiff } from '../../../night/night-news.ts';
import { culpritWords, nightWord } from '../../model/night-words.ts';
import { ownValue } from '../../model/own-value.ts';
import { showValues } from '../../model/show-values.ts';
import type { SiteIndex } from '../../model/site-index.ts';
import { looksOf, nightOf, plural, shortTime } from '../../model/words.ts';
import type { SiteNight } from '../../site-model.ts';
import type { PageProps } from '../page-props.ts';
import { Heading } from '../parts/heading.tsx';
import { FailureLink } from '../parts/links.tsx';
import { Select } from '../parts/picker.tsx';
import { choose } from '../use-route.ts';

/** What is new between a night, or a campaign, and the one before it of the same matrix. */
export const NightPage = ({ index, route }: PageProps): JSX.Element => {
  const { nights } = index.data;
  const night = nights.find(({ campaign }) => campaign.id === route.params['campaign']) ?? nights.at(-1);
  if (night === undefined) {
    return (
      <>
        <Heading>The night</Heading>
        <p>There is no campaign here.</p>
      </>
    );
  }
  const { campaign, diff, found } = night;
  return (
    <>
      <Heading>
        The {nightWord(night)} of {nightOf(campaign)}
      </Heading>
      <div class="bar">
        <Select
          label={nights.every(({ isNight }) => !isNight) ? 'Campaign' : 'Night'}
          name="campaign"
          options={nights
            .toReversed()
            .map(({ campaign: { id, finishedAt } }) => [id, `${id}, ${shortTime(finishedAt)}`])}
          value={campaign.id}
          onPick={(id) => choose({ campaign: id })}
        />
      </div>
      <p class="lead" role="status">
        <Headline night={night} />{' '}
        <span class="quiet">
          <code>{campaign.id}</code> of {shortTime(campaign.finishedAt)} UTC
          {diff !== undefined && (
            <>
              {' '}
              against <code>{diff.a.id}</code> of {shortTime(diff.a.finishedAt)} UTC
            </>
          )}
          ; matrix {campaign.matrix}, {campaign.executor}
        </span>
      </p>
      {found.length > 0 && (
        <section>
          <h2>
            Found: {found.length} <span class="quiet">nobody had asked before; it may be as old as the hills</span>
          </h2>
          <ul class="lines">
            {found.map((one, at) => (
              <li key={at}>
                <Line failure={one} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {diff !== undefined && <Diff diff={diff} index={index} />}
    </>
  );
};

/** The news in numbers, as the terminal counts them. */
const Headline = ({ night: { diff, found } }: { readonly night: SiteNight }): JSX.Element => {
  if (diff === undefined) return <b>The first: {found.length} found, and nothing to compare with.</b>;
  const { broke, found: unheardOf, mended } = newsOfDiff(diff);
  const state = broke.length > 0 ? 'fails' : 'works';
  return (
    <b class={`state ${state}`}>
      <i class={`shape ${state}`} aria-hidden="true" /> {broke.length === 0 ? 'Nothing' : broke.length} broke,{' '}
      {unheardOf.size} found, {mended.length} mended.
    </b>
  );
};

const Diff = ({
  diff: { changes, reasons, pins },
  index,
}: {
  readonly diff: NonNullable<SiteNight['diff']>;
  readonly index: SiteIndex;
}): JSX.Element => (
  <>
    {shownKinds.map((kind) => (
      <Kind key={kind} kind={kind} changes={changes.filter(({ change }) => change === kind)} index={index} />
    ))}
    {reasons.length > 0 && (
      <section>
        <h2>Not offered for another reason than before</h2>
        <ul class="lines">
          {reasons.map(({ was, becomes, cells }, at) => (
            <li key={at}>
              <span class="quiet">{was}</span> → {becomes} <span class="quiet">· {plural(cells, 'cell')}</span>
            </li>
          ))}
        </ul>
      </section>
    )}
    {[...pins.onlyA, ...pins.onlyB].length > 0 && (
      <p class="quiet">
        Compared with nothing:{' '}
        {[...pins.onlyA.map((pin) => `${pin} (gone)`), ...pins.onlyB.map((pin) => `${pin} (new)`)].join(', ')}
      </p>
    )}
  </>
);

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

interface KindProps {
  readonly kind: ChangeKind;
  readonly changes: readonly FailureChange[];
  readonly index: SiteIndex;
}

const Kind = ({ kind, changes, index }: KindProps): JSX.Element | null => {
  if (changes.length === 0) return null;
  const [title, meaning] = kindWords[kind];
  const list = (
    <ul class="lines">
      {changes.map((change, at) => {
        const { failure, was = [], becomes = [] } = change;
        const culprit = culpritWords(change, ownValue(index.data.failures, failure)?.bisected);
        return (
          <li key={at}>
            <Line failure={change} />
            <span class="quiet">
              {was.length > 0 && ` · was ${was.join(', ')}`}
              {becomes.length > 0 && ` · now ${becomes.join(', ')}`}
            </span>
            {culprit !== '' && <b class="culprit">{culprit}</b>}
          </li>
        );
      })}
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

/** A failure as it was told then: the data may know no more of it. */
const Line = ({ failure }: { readonly failure: SiteNight['found'][number] }): JSX.Element => (
  <>
    <FailureLink id={failure.failure} on={undefined} /> {failure.property} in {failure.phase}{' '}
    {failure.known !== undefined && <span class="tag">known: {failure.known}</span>}
    <code class="message">{looksOf(failure)}</code>
    <span class="quiet">
      with <code>{showValues(failure.minimal)}</code> on {failure.pins.join(', ')} ·{' '}
      {failure.cells === 0 ? 'met while shrinking' : plural(failure.cells, 'run')}
    </span>
  </>
);
