import type { JSX } from 'preact';
import { showValues } from '../../model/show-values.ts';
import { choose } from '../use-route.ts';

interface NotHereProps {
  /** What the address asks for and the data do not have, by parameter. */
  readonly missing: Readonly<Record<string, string>>;
}

/** An address may ask for what is not here; it is said, and nothing else is shown in its name. */
export const NotHere = ({ missing }: NotHereProps): JSX.Element | null =>
  Object.keys(missing).length === 0 ? null : (
    <p class="not-here" role="status">
      These data have nothing of <code>{showValues(missing)}</code>, which the address asks for.{' '}
      <button type="button" onClick={() => choose(Object.fromEntries(Object.keys(missing).map((name) => [name, ''])))}>
        Leave it out
      </button>
    </p>
  );
