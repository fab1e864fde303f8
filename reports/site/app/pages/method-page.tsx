import type { JSX } from 'preact';
import { combineCells } from '../../../support-matrix/combine-states.ts';
import { chooseVariant } from '../../model/choose-variant.ts';
import { listFailures } from '../../model/failure-list.ts';
import { rowsOf } from '../../model/site-index.ts';
import { plural } from '../../model/words.ts';
import type { PageProps } from '../page-props.ts';
import { EvidencePanel } from '../parts/evidence-panel.tsx';
import { EvidencePicker } from '../parts/evidence-picker.tsx';
import { FailureLine } from '../parts/failure-line.tsx';
import { Heading } from '../parts/heading.tsx';
import { Legend, StateWord } from '../parts/state-mark.tsx';
import { StateTable } from '../parts/state-table.tsx';
import { choose } from '../use-route.ts';
import { Scroll } from '../parts/scroll.tsx';

/** A method across releases, with every sharding and precision. */
export const MethodPage = ({ index, route }: PageProps): JSX.Element => {
  const { matrix } = index;
  const choice = chooseVariant(index, { on: route.params['on'] ?? '' });
  const on = choice.evidence?.slug;
  const evidence = choice.evidence?.index ?? -1;
  const about = matrix.methods.find(({ name }) => name === route.id);
  const rows = rowsOf(index, evidence, route.id);
  const lines = rows.map(({ sharding, precision, cells }) => ({
    key: JSON.stringify([sharding, precision]),
    name: `${sharding}, ${precision}`,
    head: <VariantHead sharding={sharding} precision={precision} />,
    places: matrix.releases.map((release) => combineCells([cells[release]])),
  }));
  const failures = listFailures(index, evidence).filter(({ methods }) => methods.includes(route.id));
  const opened = openedPlace(route.params['cell']);
  const [sharding, precision] = opened === undefined ? [] : variantOf(opened.line);
  return (
    <>
      <Heading>{route.id}</Heading>
      {about === undefined ? (
        <p>No method of this name is known here.</p>
      ) : (
        <p class="lead">
          {about.description ?? ''} {about.configClass === null ? '' : <code>{about.configClass}</code>}
          <span class="quiet">
            {about.since === undefined ? '' : ` since PEFT ${about.since}`}
            {about.until === undefined ? '' : `, until ${about.until}`}
          </span>
        </p>
      )}
      <div class="bar">
        <EvidencePicker index={index} shown={choice.evidence} />
      </div>
      {rows.length === 0 ? (
        <p role="status">
          <StateWord state="unknown" />: nothing was run here. That is not the same as not offered.
        </p>
      ) : (
        <div class={opened === undefined ? 'split' : 'split open'}>
          <div class="split-main">
            <Legend />
            <StateTable
              label={`${route.id}, by sharding and precision`}
              corner="sharding, precision"
              releases={matrix.releases}
              on={on}
              lines={lines}
              opened={opened}
              onOpen={(line, release) => choose({ cell: `${line}@${release}` })}
            />
          </div>
          {opened !== undefined && (
            <EvidencePanel
              index={index}
              choice={{ ...choice, sharding, precision }}
              method={route.id}
              release={opened.release}
              onClose={() => choose({ cell: undefined })}
            />
          )}
        </div>
      )}
      {rows.length > 0 && (
        <section>
          <h2>Ranges</h2>
          <Scroll label="Ranges">
            <table class="plain">
              <thead>
                <tr>
                  <th scope="col">sharding</th>
                  <th scope="col">precision</th>
                  <th scope="col">releases</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((row) => (
                  <tr key={`${row.sharding} ${row.precision}`}>
                    <th scope="row">{row.sharding}</th>
                    <td>{row.precision}</td>
                    <td>
                      {row.ranges.map(({ state, interval }) => (
                        <span key={interval} class="range">
                          <StateWord state={state} /> <code>{interval}</code>
                        </span>
                      ))}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </section>
      )}
      {failures.length > 0 && (
        <section>
          <h2>{plural(failures.length, 'failure')}</h2>
          <ul class="lines">
            {failures.map(({ id, failure, releases }) => (
              <li key={id}>
                <FailureLine id={id} failure={failure} on={on} />
                <span class="quiet"> on {releases.join(', ')}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
};

const VariantHead = ({
  sharding,
  precision,
}: {
  readonly sharding: string;
  readonly precision: string;
}): JSX.Element => (
  <span>
    {sharding} <span class="quiet">{precision}</span>
  </span>
);

const openedPlace = (text: string | undefined): { readonly line: string; readonly release: string } | undefined => {
  const at = text?.lastIndexOf('@') ?? -1;
  return text === undefined || at === -1 ? undefined : { line: text.slice(0, at), release: text.slice(at + 1) };
};

/** What a line's key says; an address that somebody changed says nothing. */
const variantOf = (key: string): readonly (string | undefined)[] => {
  try {
    const parsed: unknown = JSON.parse(key);
    return Array.isArray(parsed) ? parsed.map(String) : [];
  } catch {
    return [];
  }
};
