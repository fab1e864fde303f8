import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import { chooseVariant } from '../../model/choose-variant.ts';
import { filterFailures, listFailures } from '../../model/failure-list.ts';
import { showValues } from '../../model/show-values.ts';
import { looksOf, plural, sayReleases } from '../../model/words.ts';
import type { PageProps } from '../page-props.ts';
import { EvidencePicker } from '../parts/evidence-picker.tsx';
import { Heading } from '../parts/heading.tsx';
import { FailureLink } from '../parts/links.tsx';
import { Search } from '../parts/picker.tsx';
import { chooseInPlace } from '../use-route.ts';
import { Scroll } from '../parts/scroll.tsx';

/** Every failure that runs on a kind of evidence show. */
export const FailuresPage = ({ index, route }: PageProps): JSX.Element => {
  const { evidence } = chooseVariant(index, { on: route.params['on'] ?? '' });
  const all = useMemo(() => listFailures(index, evidence?.index), [index, evidence]);
  const elsewhere = useMemo(
    () =>
      index.evidence
        .filter((other) => other !== evidence)
        .map((other) => ({ evidence: other, count: listFailures(index, other.index).length }))
        .filter(({ count }) => count > 0),
    [index, evidence],
  );
  const text = route.params['q'] ?? '';
  const found = filterFailures(all, text);
  return (
    <>
      <Heading>Failures</Heading>
      <div class="bar">
        <EvidencePicker index={index} shown={evidence} />
        <Search label="Text" value={text} onText={(q) => chooseInPlace({ q })} />
        <p role="status" class="found">
          {plural(found.length, 'failure')}
          {elsewhere.map(({ evidence: other, count }) => `; ${count} on ${showEvidence(other.evidence)}`)}
        </p>
      </div>
      <Scroll label="Failures">
        <table class="plain failures">
          <thead>
            <tr>
              <th scope="col">failure</th>
              <th scope="col">what</th>
              <th scope="col">with</th>
              <th scope="col">releases</th>
              <th scope="col" class="number">
                runs
              </th>
            </tr>
          </thead>
          <tbody>
            {found.slice(0, shownAtOnce).map(({ id, failure, runs, releases }) => (
              <tr key={id}>
                <th scope="row">
                  <FailureLink id={id} on={evidence?.slug} />
                </th>
                <td>
                  {failure.property} in {failure.phase}{' '}
                  {failure.known !== undefined && <span class="tag">known: {failure.known.kind}</span>}
                  <code class="message">{looksOf(failure)}</code>
                </td>
                <td>
                  <code>{showValues(failure.minimal)}</code>
                </td>
                <td>{sayReleases(releases)}</td>
                <td class="number">{runs}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {found.length > shownAtOnce && <p>{found.length - shownAtOnce} more: name what you look for.</p>}
    </>
  );
};

/** More rows than that nobody reads, and every key that is typed would make them anew. */
const shownAtOnce = 300;
