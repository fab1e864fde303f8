import type { JSX } from 'preact';
import type { SupportFailure } from '../../../support-matrix/support-matrix-model.ts';
import { showValues } from '../../model/show-values.ts';
import { looksOf } from '../../model/words.ts';
import { FailureLink } from './links.tsx';

interface FailureLineProps {
  readonly id: string;
  readonly failure: SupportFailure | undefined;
  readonly on: string | undefined;
}

/** A failure in a line or two: what is violated, how it looks, and whether somebody knows it. */
export const FailureLine = ({ id, failure, on }: FailureLineProps): JSX.Element => (
  <span class="failure-line">
    <FailureLink id={id} on={on} />{' '}
    {failure !== undefined && (
      <>
        <span>
          {failure.property} in {failure.phase}{' '}
        </span>
        {failure.known !== undefined && <span class="tag">known: {failure.known.kind}</span>}
        <code class="message">{looksOf(failure)}</code>
        {Object.keys(failure.minimal).length > 0 && (
          <span class="quiet">
            with <code>{showValues(failure.minimal)}</code>
          </span>
        )}
      </>
    )}
  </span>
);
