import type { Night, StandingFailure } from '../../reports/night/night-model.ts';
import { newsOf, wasBrought } from '../../reports/night/night-news.ts';

/**
 * Failures whose culprit is due, what matters most first: what broke, and of that what nobody has named; then what was found
 * where nobody had looked, and what earlier nights had no time for. What is named and did not break has its explanation.
 */
export const dueIn = (night: Night): readonly StandingFailure[] => {
  const { broke, found } = newsOf(night);
  const broken = new Set(broke.filter(wasBrought).map(({ failure }) => failure));
  const isFound = new Set(found.map(({ failure }) => failure.id));
  const rankOf = ({ failure: { id, known }, bisect, unbisected }: StandingFailure): number => {
    if (broken.has(id)) return known === undefined ? 0 : 1;
    if (known !== undefined) return none;
    if (isFound.has(id)) return 2;
    return bisect === undefined && unbisected !== undefined ? 3 : none;
  };
  return night.failures
    .map((standing) => ({ standing, rank: rankOf(standing) }))
    .filter(({ rank }) => rank !== none)
    .toSorted((left, right) => left.rank - right.rank)
    .map(({ standing }) => standing);
};

const none = Infinity;
