import type { Bisect, Boundary, Culprit, FoundBisect } from '../../reports/bisect-model.ts';

/**
 * Puts together what was found of one failure. Of two that disagree the newer is believed; what only one of them found stays,
 * and so does a commit that a later bisect of the same releases did not ask for.
 */
export const combineBisects = (bisects: readonly Bisect[]): FoundBisect => {
  const newestFirst = bisects.toSorted((left, right) => (left.finishedAt < right.finishedAt ? 1 : -1));
  const since = combineBoundaries(newestFirst.flatMap(sinceOf));
  const fixedIn = combineBoundaries(newestFirst.flatMap((bisect) => bisect.fixedIn ?? []));
  const culprits = combineCulprits(newestFirst.flatMap((bisect) => bisect.culprits));
  const unanswered = newestFirst[0]?.unanswered;
  return {
    ...(since !== undefined && { since }),
    ...(fixedIn !== undefined && { fixedIn }),
    culprits,
    ...(culprits.length === 0 && unanswered !== undefined && { unanswered }),
  };
};

const sinceOf = ({ since, maskedAsGood }: Bisect): readonly Boundary[] => {
  if (since === undefined) return [];
  return [maskedAsGood === true ? { ...since, hiddenBefore: true } : since];
};

/** A release of PEFT before one of another package, for PEFT's are what a matrix is of; then the newest that was found. */
const combineBoundaries = (newestFirst: readonly Boundary[]): Boundary | undefined => {
  const chosen = newestFirst.find(({ package: name }) => name === 'peft') ?? newestFirst[0];
  const withCommit = newestFirst.find(
    ({ package: name, version, commit }) =>
      commit !== undefined && name === chosen?.package && version === chosen.version,
  );
  return withCommit ?? chosen;
};

const combineCulprits = (newestFirst: readonly Culprit[]): readonly Culprit[] =>
  [
    ...Map.groupBy(newestFirst, ({ kind, package: name, before, after }) => [kind, name, before, after].join(' ')),
  ].flatMap(([, same]) => same.find(({ commits }) => commits?.candidates.length) ?? same[0] ?? []);
