import { compare } from '@renovatebot/pep440';
import { matchesVersions } from '../../matrices/versions.ts';
import type { BisectedCandidate, Boundary } from '../../reports/bisect-model.ts';
import type { Sign } from '../score/signs.ts';

/** Which way a bisect looks. */
export type Direction = 'since' | 'fixed in';

/** What the corpus says of a change point around a release that shows the bug. */
export type Expected =
  /** The release that brought it; several where the corpus does not speak of those in between. Oldest first. */
  | { readonly kind: 'change'; readonly anyOf: readonly string[] }
  /** Every release that way shows it. */
  | { readonly kind: 'none' }
  /** It does not say. */
  | { readonly kind: 'unsettled' };

/** Older than a release, or newer, as the bisect looks. */
export const isBeyond =
  (peft: string, direction: Direction) =>
  (version: string): boolean =>
    Math.sign(compare(version, peft)) === (direction === 'since' ? -1 : 1);

/**
 * Reads off a sign where the change point next to `peft` is, which shows it.
 *
 * @param releases - All that are considered, oldest first, `peft` among them.
 */
export const expectedOf = (
  { shows, unsettled }: Sign,
  versions: Readonly<Record<string, string>>,
  releases: readonly string[],
  peft: string,
  direction: Direction,
): Expected => {
  const says = (release: string): 'bad' | 'good' | 'unsettled' => {
    const at = { ...versions, peft: release };
    if (matchesVersions(shows, at)) return 'bad';
    return unsettled !== undefined && matchesVersions(unsettled, at) ? 'unsettled' : 'good';
  };
  const beyond = releases.filter(isBeyond(peft, direction));
  const outwards = direction === 'since' ? beyond.toReversed() : beyond;
  const good = outwards.findIndex((release) => says(release) === 'good');
  const bad = outwards.slice(0, good === -1 ? undefined : good).findLastIndex((release) => says(release) === 'bad');
  // From the outermost one that shows it to the first that does not, as the releases came out.
  const span = [peft, ...outwards].slice(bad + 1, good === -1 ? undefined : good + 2);
  if (good === -1) return span.length === 1 ? { kind: 'none' } : { kind: 'unsettled' };
  const ordered = direction === 'since' ? span.toReversed() : span;
  return { kind: 'change', anyOf: ordered.slice(1) };
};

/**
 * Whether a bisect came to what the corpus says: to that release, or, where it skipped some, to one of them. Undefined where
 * the corpus says nothing.
 */
export const agrees = (expected: Expected, found: Boundary | undefined): boolean | undefined => {
  if (expected.kind === 'unsettled') return undefined;
  if (expected.kind === 'none') return found === undefined;
  const ours = found === undefined ? [] : [found.version, ...(found.skipped ?? [])];
  return ours.some((release) => expected.anyOf.some((theirs) => compare(release, theirs) === 0));
};

/**
 * Where a bug goes out of sight, when no release that way is good: the outermost one that shows it, or the first that does not,
 * as the bisect looks. Undefined when there is a good one, or all show it.
 *
 * @param beyond - The releases that way, oldest first.
 * @param peft - The release that shows it for sure.
 */
export const edgeOf = (
  beyond: readonly Pick<BisectedCandidate, 'version' | 'answer'>[],
  peft: string,
  direction: Direction,
): string | undefined => {
  const outwards = (direction === 'since' ? beyond.toReversed() : beyond).filter(({ answer }) => answer !== undefined);
  const kinds = new Set(outwards.map(({ answer }) => answer?.kind));
  if (kinds.has('good') || !kinds.has('skip')) return undefined;
  const last = outwards.findLastIndex(({ answer }) => answer?.kind === 'bad');
  return direction === 'since' ? (outwards[last]?.version ?? peft) : outwards[last + 1]?.version;
};

/** Whether a bug goes out of sight where it comes or goes after the corpus; undefined where that says nothing of it. */
export const agreesWithEdge = (expected: Expected, edge: string): true | undefined =>
  expected.kind === 'change' && expected.anyOf.some((theirs) => compare(edge, theirs) === 0) ? true : undefined;
