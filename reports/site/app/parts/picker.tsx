import type { JSX } from 'preact';

interface PickerProps {
  readonly label: string;
  readonly name: string;
  /** Value and what it is called; the value is what `onPick` gets. */
  readonly options: readonly (readonly [string, string])[];
  readonly value: string;
  readonly onPick: (value: string) => void;
}

/** One of a few: all of them are seen, and arrow keys change between them. */
export const Picker = ({ label, name, options, value, onPick }: PickerProps): JSX.Element => (
  <fieldset class="picker">
    <legend>{label}</legend>
    <div class="segments">
      {options.map(([key, text]) => (
        <label key={key} class={key === value ? 'chosen' : undefined}>
          <input type="radio" name={name} value={key} checked={key === value} onChange={() => onPick(key)} />
          <span>{text}</span>
        </label>
      ))}
    </div>
  </fieldset>
);

/** One of many. */
export const Select = ({ label, name, options, value, onPick }: PickerProps): JSX.Element => (
  <label class="field">
    <span>{label}</span>
    <select name={name} value={value} onChange={(event) => onPick(event.currentTarget.value)}>
      {options.map(([key, text]) => (
        <option key={key} value={key} selected={key === value}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly onText: (text: string) => void;
}

export const Search = ({ label, value, onText }: SearchProps): JSX.Element => (
  <label class={value === '' ? 'field blank' : 'field'}>
    <span>{label}</span>
    <input
      type="search"
      value={value}
      autocomplete="off"
      spellcheck={false}
      onInput={(event) => onText(event.currentTarget.value)}
    />
  </label>
);
