import type { JSX } from 'preact';
import type { Combined } from '../../../support-matrix/combine-states.ts';
import type { SupportState } from '../../../support-matrix/support-matrix-model.ts';
import { sayCombined, stateMeanings, states, stateWords } from '../../model/words.ts';

/** The shape of a state, without words: words stand beside it, or are its neighbour's name. */
export const StateShape = ({ state }: { readonly state: SupportState }): JSX.Element => (
  <i class={`shape ${state}`} aria-hidden="true" />
);

/** A state in words, with its shape. */
export const StateWord = ({ state }: { readonly state: SupportState }): JSX.Element => (
  <span class={`state ${state}`}>
    <StateShape state={state} /> {stateWords[state]}
  </span>
);

/** What runs came to, in words, with the shape. */
export const CombinedWord = ({ combined }: { readonly combined: Combined }): JSX.Element => (
  <span class={`state ${combined.state}`}>
    <StateShape state={combined.state} /> {sayCombined(combined)}
  </span>
);

export const Legend = (): JSX.Element => (
  <ul class="legend" aria-label="What the marks mean">
    {states.map((state) => (
      <li key={state}>
        <StateWord state={state} /> <span class="quiet">{stateMeanings[state]}</span>
      </li>
    ))}
  </ul>
);
