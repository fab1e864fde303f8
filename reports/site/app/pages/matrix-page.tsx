import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import { chooseVariant, missingValues } from '../../model/choose-variant.ts';
import { filterLines, filterUnasked, matrixView, runsIn } from '../../model/matrix-view.ts';
import { plural, states, stateWords } from '../../model/words.ts';
import type { PageProps } from '../page-props.ts';
import { ChoiceBar } from '../parts/choice-bar.tsx';
import { EvidencePanel } from '../parts/evidence-panel.tsx';
import { Heading } from '../parts/heading.tsx';
import { MethodLink } from '../parts/links.tsx';
import { NotHere } from '../parts/not-here.tsx';
import { Search, Select } from '../parts/picker.tsx';
import { Legend } from '../parts/state-mark.tsx';
import { StateTable } from '../parts/state-table.tsx';
import { choose, chooseInPlace } from '../use-route.ts';

/** What works: methods down, releases across, for one kind of evidence. */
export const MatrixPage = ({ index, route }: PageProps): JSX.Element => {
  const { params } = route;
  const choice = chooseVariant(index, params);
  const on = choice.evidence?.slug;
  const view = useMemo(() => matrixView(index, choice), [index, on, choice.sharding, choice.precision]);
  const [text, state] = [params['q'] ?? '', states.find((one) => one === params['state'])];
  const found = useMemo(() => filterLines(view.lines, { text, state }), [view, text, state]);
  const unasked = useMemo(() => filterUnasked(view.unasked, { text, state }), [view, text, state]);
  const isSearched = text !== '' || state !== undefined;
  const lines = useMemo(
    () =>
      found.map(({ method, places }) => ({
        key: method,
        name: method,
        head: <MethodLink id={method} on={on} inGrid />,
        places,
      })),
    [found, on],
  );
  const opened = openedPlace(params['cell']);
  const close = (): void => {
    choose({ cell: undefined });
    const button = opened === undefined ? null : buttonOf(opened);
    button?.focus();
  };
  return (
    <>
      <Heading>What works, by release of PEFT</Heading>
      <ChoiceBar index={index} choice={choice} />
      <NotHere missing={missingValues(index, params, choice)} />
      <div class="bar">
        <Search label="Method" value={text} onText={(q) => chooseInPlace({ q })} />
        <Select
          label="With a release that"
          name="state"
          options={[['', 'is anything'], ...states.map((one): [string, string] => [one, stateSentences[one]])]}
          value={state ?? ''}
          onPick={(one) => choose({ state: one })}
        />
        <p role="status" class="found">
          {found.length + unasked.length === 0 ? 'No method fits. ' : ''}
          {plural(found.length, 'method')}, {plural(index.matrix.releases.length, 'release')},{' '}
          {plural(runsIn(found), 'run')}
          {choice.evidence === undefined ? '' : ` on ${showEvidence(choice.evidence.evidence)}`}
        </p>
      </div>
      <div class={opened === undefined ? 'split' : 'split open'}>
        <div class="split-main">
          <Legend />
          <StateTable
            label={`What works${choice.evidence === undefined ? '' : ` on ${showEvidence(choice.evidence.evidence)}`}`}
            corner="method"
            releases={index.matrix.releases}
            on={on}
            lines={lines}
            opened={opened}
            onOpen={(line, release) => choose({ cell: `${line}@${release}` })}
          />
          {unasked.length > 0 && (
            <details class="unasked" open={isSearched}>
              <summary>{plural(unasked.length, 'method')} unknown here: nothing was run with this choice</summary>
              <p>
                {unasked.map((method) => (
                  <span key={method} class="listed">
                    <MethodLink id={method} on={on} />
                  </span>
                ))}
              </p>
            </details>
          )}
        </div>
        {opened !== undefined && (
          <EvidencePanel index={index} choice={choice} method={opened.line} release={opened.release} onClose={close} />
        )}
      </div>
    </>
  );
};

const stateSentences = {
  works: stateWords.works,
  partly: stateWords.partly,
  fails: stateWords.fails,
  'not-offered': 'does not offer it',
  unknown: 'is unknown',
} as const;

/** `dora@0.21.2`: releases have no `@`, whatever methods are called. */
const openedPlace = (text: string | undefined): { readonly line: string; readonly release: string } | undefined => {
  const at = text?.lastIndexOf('@') ?? -1;
  return text === undefined || at === -1 ? undefined : { line: text.slice(0, at), release: text.slice(at + 1) };
};

const buttonOf = ({ line, release }: { readonly line: string; readonly release: string }): HTMLElement | null =>
  document.querySelector<HTMLElement>(`button[data-line="${CSS.escape(line)}"][data-release="${CSS.escape(release)}"]`);
