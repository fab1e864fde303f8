import type { JSX } from 'preact';
import { combineCells } from '../../../support-matrix/combine-states.ts';
import { showEvidence } from '../../../support-matrix/evidence-words.ts';
import type { Neighbour } from '../../model/nearest-working.ts';
import { formatRoute } from '../../model/route.ts';
import { showValues } from '../../model/show-values.ts';
import type { SiteIndex } from '../../model/site-index.ts';
import { sayCombined } from '../../model/words.ts';
import { StateShape } from './state-mark.tsx';

interface NeighbourListProps {
  readonly index: SiteIndex;
  readonly neighbours: readonly Neighbour[];
}

/** Combinations that passed, nearest first, with what is another than asked for set off. */
export const NeighbourList = ({ index, neighbours }: NeighbourListProps): JSX.Element => (
  <ul class="lines">
    {neighbours.map((near) => {
      const { evidence, method, release, sharding, precision, cell, changed } = near;
      const words = { release, sharding, precision };
      const place = `${evidence.slug} ${release} ${sharding} ${precision}`;
      const passed = index.matrix.configs[cell.passed?.[0] ?? -1];
      return (
        <li key={place}>
          <StateShape state={cell.state} />{' '}
          <a href={formatRoute({ page: 'check', id: '', params: { method, ...words, on: evidence.slug } })}>
            {method} on {changedOr(release, changed.includes('release'))}, sharding{' '}
            {changedOr(sharding, changed.includes('sharding'))}, {changedOr(precision, changed.includes('precision'))}
          </a>
          {passed !== undefined && (
            <>
              {' '}
              with <code>{showValues(passed)}</code>
            </>
          )}
          <span class="quiet">
            {' '}
            · {sayCombined(combineCells([cell]))} on {showEvidence(evidence.evidence)}
          </span>
        </li>
      );
    })}
  </ul>
);

const changedOr = (text: string, isChanged: boolean): JSX.Element | string => (isChanged ? <b>{text}</b> : text);
