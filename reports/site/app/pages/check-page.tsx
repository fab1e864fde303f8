import type { JSX } from 'preact';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import { accelerateConfig } from '../../model/accelerate-config.ts';
import { answer, furtherAxes, type Answer, type Question } from '../../model/answer.ts';
import { chooseVariant, evidenceFor, missingValues, type Choice } from '../../model/choose-variant.ts';
import { nearestWorking } from '../../model/nearest-working.ts';
import { containsValues, showValues, type Values } from '../../model/show-values.ts';
import { methodsOf, shardingsOf, type SiteIndex } from '../../model/site-index.ts';
import { plural, runsOf, stateWords } from '../../model/words.ts';
import type { PageProps } from '../page-props.ts';
import { Copyable } from '../parts/copyable.tsx';
import { CellDetails } from '../parts/evidence-panel.tsx';
import { EvidencePicker } from '../parts/evidence-picker.tsx';
import { FailureLine } from '../parts/failure-line.tsx';
import { Heading } from '../parts/heading.tsx';
import { NeighbourList } from '../parts/neighbour-list.tsx';
import { NotHere } from '../parts/not-here.tsx';
import { Picker, Select } from '../parts/picker.tsx';
import { StateShape } from '../parts/state-mark.tsx';
import { choose } from '../use-route.ts';

/** Will it work? Values are chosen, and runs answer. */
export const CheckPage = ({ index, route }: PageProps): JSX.Element => {
  const { matrix } = index;
  const choice = chooseVariant(index, route.params);
  const question = questionOf(index, route.params, choice);
  const missing = missingValues(index, route.params, choice);
  const pickSharding = (sharding: string): void =>
    choose({ sharding, on: evidenceFor(index, sharding, question?.evidence)?.slug });
  return (
    <>
      <Heading>Will it work?</Heading>
      {question === undefined ? (
        <p>Nothing was run yet, so nobody knows.</p>
      ) : (
        <>
          <div class="bar">
            <Select
              label="Method"
              name="method"
              options={options(methodsOf(index))}
              value={question.method}
              onPick={(method) => choose({ method })}
            />
            <Select
              label="PEFT"
              name="release"
              options={options(matrix.releases.toReversed())}
              value={question.release}
              onPick={(release) => choose({ release })}
            />
            <Picker
              label="Sharding"
              name="sharding"
              options={options(matrix.shardings)}
              value={question.sharding}
              onPick={pickSharding}
            />
            <Picker
              label="Precision"
              name="precision"
              options={options(matrix.precisions)}
              value={question.precision}
              onPick={(precision) => choose({ precision })}
            />
            <EvidencePicker index={index} shown={question.evidence} sharding={question.sharding} />
          </div>
          {Object.keys(missing).length > 0 ? (
            <section class="answer unknown" aria-labelledby="answer">
              <h2 id="answer" aria-live="polite">
                <StateShape state="unknown" /> {headlines.unknown}
              </h2>
              <NotHere missing={missing} />
            </section>
          ) : (
            <>
              <Further index={index} question={question} onPick={choose} />
              <AnswerOf index={index} question={question} />
            </>
          )}
        </>
      )}
    </>
  );
};

const options = (values: readonly string[]): readonly (readonly [string, string])[] => values.map((one) => [one, one]);

const questionOf = (
  index: SiteIndex,
  params: Readonly<Record<string, string>>,
  { evidence }: Choice,
): Question | undefined => {
  const { matrix } = index;
  const methods = methodsOf(index);
  const [method, release] = [
    methods.find((one) => one === params['method']) ?? methods.find((one) => one === 'lora') ?? methods[0],
    matrix.releases.find((one) => one === params['release']) ?? matrix.releases.at(-1),
  ];
  const precision = matrix.precisions.find((one) => one === params['precision']) ?? matrix.precisions[0];
  // One process is not sharded: of what is chosen, the kind of evidence comes first.
  const run = evidence === undefined ? [] : shardingsOf(index, evidence.index);
  const sharding = run.find((one) => one === params['sharding']) ?? run[0];
  if (
    method === undefined ||
    release === undefined ||
    sharding === undefined ||
    precision === undefined ||
    evidence === undefined
  )
    return undefined;
  const values = Object.entries(params).flatMap(([name, value]) =>
    name.startsWith(furtherPrefix) ? [[name.slice(furtherPrefix.length), value] as const] : [],
  );
  return { method, release, sharding, precision, evidence, values: Object.fromEntries(values) };
};

/** Of parameters of the address that name further values: `with.rank=8`. */
const furtherPrefix = 'with.';

interface FurtherProps {
  readonly index: SiteIndex;
  readonly question: Question;
  readonly onPick: (params: Readonly<Record<string, string | undefined>>) => void;
}

/** The axes that runs of this place vary; what is not chosen may be anything. */
const Further = ({ index, question, onPick }: FurtherProps): JSX.Element | null => {
  const axes = furtherAxes(index, answer(index, question).cell);
  if (axes.size === 0) return null;
  const chosen = Object.keys(question.values).length;
  return (
    <details class="further" open={chosen > 0}>
      <summary>Further values{chosen > 0 ? `: ${chosen} chosen` : ''}</summary>
      <div class="bar">
        {[...axes].map(([name, values]) => (
          <Select
            key={name}
            label={name}
            name={`with-${name}`}
            options={[['', 'anything'], ...values.map((value): [string, string] => [value, value])]}
            value={String(question.values[name] ?? '')}
            onPick={(value) => onPick({ [`${furtherPrefix}${name}`]: value })}
          />
        ))}
      </div>
    </details>
  );
};

interface AnswerProps {
  readonly index: SiteIndex;
  readonly question: Question;
}

const AnswerOf = ({ index, question }: AnswerProps): JSX.Element => {
  const found = answer(index, question);
  const on = question.evidence.slug;
  const isGood = found.state === 'works';
  const near = nearestWorking(index, question, 5).filter(({ changed }) => !isGood || changed.length > 0);
  return (
    <>
      <section class={`answer ${found.state}`} aria-labelledby="answer">
        <h2 id="answer" aria-live="polite">
          <StateShape state={found.state} /> {headlineOf(found)}
        </h2>
        <p>{sentenceOf(question, found)}</p>
        {found.state === 'fails' || found.state === 'partly' ? (
          <ul class="lines">
            {found.failures.map((id) => (
              <li key={id}>
                <FailureLine id={id} failure={index.matrix.failures[id]} on={on} />
              </li>
            ))}
          </ul>
        ) : null}
        {found.cell !== undefined && (
          <details>
            <summary>The evidence</summary>
            <CellDetails index={index} cell={found.cell} on={on} />
          </details>
        )}
      </section>
      {found.state !== 'works' && (
        <section>
          <h2>The nearest that passed</h2>
          {near.length === 0 ? (
            <p>No run of {question.method} passed on this kind of device.</p>
          ) : (
            <NeighbourList index={index} neighbours={near.slice(0, 4)} />
          )}
        </section>
      )}
      <Files index={index} question={question} found={found} />
    </>
  );
};

const headlineOf = ({ state, basis, combined }: Answer): string => {
  if (basis === 'exact') return exactHeadlines[state];
  if (basis === 'contains') {
    return state === 'partly'
      ? 'In part: it contains what fails after training'
      : 'No: it contains what is known to fail';
  }
  return state === 'partly' && combined.pass === 0 && combined.flaky === 0 ? exactHeadlines.partly : headlines[state];
};

const headlines = {
  works: 'Yes, as far as it was run: every run passed',
  partly: 'It depends: some runs passed, some did not',
  fails: 'Not yet: every run failed',
  'not-offered': 'No: this release does not offer it',
  unknown: 'Nobody knows: it was not run',
} as const;

const exactHeadlines = {
  ...headlines,
  works: 'Yes: exactly this passed',
  partly: 'In part: it trained, was saved and loaded, and failed afterwards',
  fails: 'No: exactly this failed',
} as const;

const sentenceOf = (
  { method, release, sharding, precision, evidence, values }: Question,
  { basis, state, combined }: Answer,
): string => {
  const what = `${method} on PEFT ${release}, ${sharding === 'none' ? 'not sharded' : sharding}, ${precision}`;
  const where = showEvidence(evidence.evidence);
  const further = Object.keys(values).length === 0 ? '' : ` with ${showValues(values)}`;
  switch (basis) {
    case 'exact':
      return `${what}${further}: a run of exactly these values ${state === 'works' ? 'passed' : 'failed'} on ${where}.`;
    case 'contains':
      return `${what}${further}: no run of exactly these values is listed, but they contain all that a failure of this release needs, on ${where}.`;
    case 'same-place': {
      const runs = runsOf(combined);
      if (runs === 0)
        return `${what}: ${stateWords[state]} on ${where}. Unknown is not the same as not offered, and neither is a pass.`;
      const others = further === '' ? '' : ` No run${further} is listed: this is what other values came to.`;
      return `${what}: ${combined.pass} of ${plural(runs, 'run')} passed on ${where}.${others}`;
    }
  }
};

/** Files with which something near or at the question passed. */
const Files = ({ index, question, found }: AnswerProps & { readonly found: Answer }): JSX.Element | null => {
  const { configs, defaults } = index.matrix;
  const passed = (found.cell?.passed ?? []).find((one) =>
    containsValues(configs[one] ?? {}, question.values, defaults),
  );
  const config = passed === undefined ? undefined : configs[passed];
  if (config === undefined) return null;
  const { method, sharding, precision, evidence } = question;
  const whole: Values = { ...defaults, ...config, adapter: method, sharding, precision };
  const configClass = index.matrix.methods.find(({ name }) => name === method)?.configClass ?? undefined;
  const recipe = index.data.recipes.find((one) => one.method === method && one.config === passed);
  return (
    <section>
      <h2>Files that say so</h2>
      <p class="quiet">
        Of a run that passed: <code>{showValues(config)}</code>
      </p>
      <h3>accelerate</h3>
      <p class="quiet">
        Runs train with plain PyTorch; this says the same in accelerate's words, for{' '}
        {plural(evidence.evidence.ranks, 'rank')}.
      </p>
      <Copyable text={accelerateConfig(whole, evidence.evidence)} what="the accelerate config" />
      {recipe !== undefined && (
        <>
          <h3>adapter_config.json</h3>
          <p class="quiet">
            {configClass === undefined ? 'What' : `What ${configClass}`} was given. Names of layers are those of the
            runs' tiny model.
          </p>
          <Copyable text={JSON.stringify(recipe.adapterConfig, undefined, 2)} what="the adapter config" />
        </>
      )}
    </section>
  );
};
