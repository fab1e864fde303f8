import { compare } from '@renovatebot/pep440';
import { InputError, PeftMatrixError } from '../../matrices/errors.ts';
import type { Lock, ResolvedPin, SourceTree } from '../../matrices/pin.ts';
import type { Bisect, BisectedReleases, Culprit } from '../../reports/bisect-model.ts';
import { shortDigest } from '../cell-key.ts';
import { bisectReleases, type ReleasesFound, type ReleasesRequest } from './bisect-releases.ts';
import { blamePackages, type Blamed } from './blame-packages.ts';
import type { BisectStore } from './bisect-store.ts';
import { boundariesOf, boundaryOf } from './boundaries.ts';
import { badEnd, candidatesOf, type Range } from './candidates.ts';
import { differencesOf, type Difference } from './mixtures.ts';
import { endError } from './search.ts';
import { whyUnanswered } from './unanswered.ts';
import type { BisectWorld } from './world.ts';

/** What a bisect is asked to do. */
export type BisectPlan =
  | {
      readonly kind: 'releases';
      readonly range: Range;
      readonly others: BisectedReleases['others'];
      /** Where the failure was found. */
      readonly base: Lock;
    }
  | {
      readonly kind: 'locks';
      readonly good: Lock;
      readonly bad: Lock;
      /** Where each lock is from, as messages say it: `--good-lock`, `of the night before`. */
      readonly origins: Readonly<Record<'good' | 'bad', string>>;
      /** The campaigns that the locks were taken from, where nobody named them. */
      readonly campaigns?: Bisect['campaigns'];
      readonly prereleases: boolean;
    }
  | TreePlan;

/** From the release of a package to a commit of it, which shows the failure. */
interface TreePlan {
  readonly kind: 'tree';
  readonly tree: CommittedTree;
}

/** What a package calls itself at a commit after a release: `7.2.2+git.0123456789`. */
export const commitVersion = (release: string, commit: string): string => `${release}+git.${commit.slice(0, 10)}`;

/** A source tree that nobody changes any more. */
type CommittedTree = SourceTree & { readonly commit: string };

/** The plan for what was found at a commit of a package; undefined for what was found elsewhere. */
export const treePlanOf = ({ source }: Pick<ResolvedPin, 'source'>): TreePlan | undefined =>
  source.kind === 'tree' && source.commit !== undefined
    ? { kind: 'tree', tree: { ...source, commit: source.commit } }
    : undefined;

/** A culprit, and where its change shows. */
export interface GroundedCulprit {
  readonly culprit: Culprit;
  /** What its release after the change was asked with; undefined where that cannot be had. */
  readonly ground: Lock | undefined;
  /** Of a package that was taken from its repository: the commit that stands for `after`. */
  readonly commit?: string;
}

/** What it found; the rest of the read model is known beforehand. */
export interface Bisected extends Pick<Bisect, 'unanswered' | 'since' | 'fixedIn' | 'releases' | 'packages'> {
  readonly culprits: readonly GroundedCulprit[];
}

/**
 * Bisects over releases, or over the packages that two locks have in different versions; where several packages moved at
 * once, also which of them did it. Of a package at a commit it asks whether the release is without it. Commits of a culprit
 * are the next step: `nameCommits`.
 */
export const runBisect = (
  plan: BisectPlan,
  failure: string,
  world: BisectWorld,
  store: BisectStore,
): Promise<Bisected> => {
  const search: Search = (request, inWorld) =>
    bisectReleases(
      { ...request, knownAtStart: (known) => store.knownAtStart(failure, nameOf(request), known) },
      inWorld,
    );
  switch (plan.kind) {
    case 'releases':
      return overReleases(plan, search, world);
    case 'locks':
      return overLocks(plan, search, world);
    case 'tree':
      return overTree(plan.tree, world);
  }
};

type Search = (request: Omit<ReleasesRequest, 'knownAtStart'>, world: BisectWorld) => Promise<ReleasesFound>;

/** The same search has the same name, whenever it is begun. */
const nameOf = ({ package: name, others, base, candidates, bad, good, towards }: Parameters<Search>[0]): string => {
  const versions = candidates.map(({ version }) => version);
  return shortDigest({ name, others, base, versions, bad, good, towards });
};

const overReleases = async (
  { range, others, base }: Extract<BisectPlan, { kind: 'releases' }>,
  search: Search,
  world: BisectWorld,
): Promise<Bisected> => {
  const name = range.package;
  const candidates = candidatesOf(await world.releasesOf(name), range);
  const first = await search({ ...candidates, package: name, others, base }, world);
  const { reported, change } = first;
  const none = { culprits: [], releases: [reported], packages: [] };
  const boundaries = boundariesOf(reported, badEnd(range));
  if (change === undefined) {
    return { ...none, ...boundaries, unanswered: whyUnanswered(reported, candidates.towards) };
  }
  const culprit = await culpritOf(first, others === 'held' ? 'held' : 'moved-together');
  if (others === 'held') return { ...none, ...boundaries, culprits: [culprit] };
  const [before, after] = await Promise.all([first.lockOf(change.before), first.lockOf(change.after)]);
  if (before.kind === 'impossible' || after.kind === 'impossible') {
    return { ...none, ...boundaries, culprits: [culprit] };
  }
  const blamed = await blamePackages(
    {
      before: before.lock,
      after: after.lock,
      shows: change.kind === 'introduced' ? 'bad' : 'good',
      suspect: name,
    },
    world,
  );
  if (blamed.culprits.length === 1 && blamed.culprits[0]?.package === name) {
    const culprits = [{ ...culprit, culprit: { ...culprit.culprit, proof: blamed.reported.proof } }];
    return { ...none, ...boundaries, culprits, packages: [blamed.reported] };
  }
  const narrowed = await narrowCulprits(
    { blamed, before: before.lock, kind: change.kind, prereleases: false },
    search,
    world,
  );
  return { ...narrowed, ...boundaries, releases: [reported, ...narrowed.releases] };
};

const overLocks = async (
  { good, bad, origins, prereleases }: Extract<BisectPlan, { kind: 'locks' }>,
  search: Search,
  world: BisectWorld,
): Promise<Bisected> => {
  // Two files that cannot be compared are refused before anything is asked.
  const moved = differencesOf(good, bad).map(({ package: name }) => name);
  const endOf = (wanted: 'good' | 'bad', lock: Lock): End => ({
    candidate: `the ${wanted} lock`,
    what: `The ${wanted} lock (${origins[wanted]})`,
    wanted,
    lock,
  });
  await proveEnd(endOf('good', good), world.watching(moved));
  await proveEnd(endOf('bad', bad), world.watching(moved));
  const blamed = await blamePackages({ before: good, after: bad, shows: 'bad' }, world);
  const narrowed = await narrowCulprits({ blamed, before: good, kind: 'introduced', prereleases }, search, world);
  const [only, ...more] = narrowed.culprits;
  const alone = more.length === 0 ? only?.culprit : undefined;
  if (alone === undefined) return narrowed;
  const boundary = boundaryOf(alone.package, alone);
  return { ...narrowed, ...(alone.kind === 'introduced' ? { since: boundary } : { fixedIn: boundary }) };
};

/** The installed release must be without it; which of the commits since then brought it is the next step. */
const overTree = async (tree: CommittedTree, world: BisectWorld): Promise<Bisected> => {
  const { package: name, lock, commit } = tree;
  const before = lock.packages[name];
  if (before === undefined) throw new InputError(`${name} is in no release where it was found: there is no good end`);
  const candidate = `${name} ${before}`;
  const what = `${candidate}, in place of the commit ${commit.slice(0, 10)},`;
  await proveEnd({ candidate, what, wanted: 'good', lock }, world.watching([name]));
  const after = await world.versionOf(tree);
  // A tree may call itself as the release that it comes after.
  const change = { after: after === before ? commitVersion(before, commit) : after, skipped: [] };
  const culprit = { kind: 'introduced', package: name, before, ...change, confirmed: false, proof: 'held' } as const;
  return {
    culprits: [{ culprit, ground: lock, commit }],
    since: boundaryOf(name, change),
    releases: [],
    packages: [],
  };
};

interface End {
  /** For people who watch. */
  readonly candidate: string;
  /** For people whose end is wrong. */
  readonly what: string;
  readonly wanted: 'good' | 'bad';
  readonly lock: Lock;
}

const proveEnd = async ({ candidate, what, wanted, lock }: End, world: BisectWorld): Promise<void> => {
  const answer = await world.ask(candidate, lock);
  if (answer.kind === wanted) return;
  const saw = answer.kind === 'skip' ? `cannot be asked (${answer.cause}): ${answer.reason}` : `is ${answer.kind}`;
  const detail = answer.kind === 'skip' ? '' : answer.detail === undefined ? '' : `: ${answer.detail}`;
  const problem = `${what} was taken for one that is ${wanted}, but it ${saw}${detail}`;
  throw endError(problem, [answer]);
};

interface Narrowing {
  readonly blamed: Blamed;
  readonly before: Lock;
  readonly kind: Culprit['kind'];
  readonly prereleases: boolean;
}

/** The releases of each culprit between its two versions, with the other culprits moved and all else as before. */
const narrowCulprits = async (
  narrowing: Narrowing,
  search: Search,
  world: BisectWorld,
): Promise<Pick<Bisected, 'culprits' | 'releases' | 'packages'>> => {
  const { blamed } = narrowing;
  const watching = world.watching(blamed.reported.differences.map(({ package: name }) => name));
  const culprits: GroundedCulprit[] = [];
  const releases: BisectedReleases[] = [];
  for (const move of blamed.culprits) {
    const found = await narrow(move, narrowing, search, watching);
    if (found?.change === undefined) culprits.push({ culprit: unnarrowed(move, narrowing), ground: undefined });
    else culprits.push(await culpritOf(found, blamed.reported.proof));
    if (found !== undefined) releases.push(found.reported);
  }
  return { culprits, releases, packages: [blamed.reported] };
};

const narrow = async (
  move: Difference,
  { blamed, before, kind, prereleases }: Narrowing,
  search: Search,
  world: BisectWorld,
): Promise<ReleasesFound | undefined> => {
  if (!blamed.isProven) return undefined;
  const start = await blamed.mixtureOf(blamed.members.filter((name) => name !== move.package));
  const end = await blamed.mixtureOf(blamed.members);
  if (end.kind === 'impossible') return undefined;
  const [good, bad] = kind === 'introduced' ? [move.from, move.to] : [move.to, move.from];
  // A package that moved back to an older version is looked at from there on.
  const [from, to] = compare(move.from, move.to) < 0 ? [move.from, move.to] : [move.to, move.from];
  const range = { package: move.package, found: bad, good, from, to, prereleases, findFix: false };
  const candidates = candidatesOf(await world.releasesOf(move.package), range);
  const given = new Map([[move.to, end.lock]]);
  if (start.kind === 'lock') given.set(move.from, start.lock);
  try {
    const base = start.kind === 'lock' ? start.lock : before;
    return await search({ ...candidates, package: move.package, others: 'held', base, given }, world);
  } catch (error) {
    // Without companions an end may not be what the mixtures have shown: then the two versions are all there is to say.
    if (error instanceof PeftMatrixError) return undefined;
    throw error;
  }
};

const unnarrowed = ({ package: name, from, to }: Difference, { blamed, kind }: Narrowing): Culprit => ({
  kind,
  package: name,
  before: from,
  after: to,
  skipped: [],
  confirmed: false,
  proof: blamed.reported.proof,
});

/** The change of a search that has one. */
const culpritOf = async (
  { found, change, reported: { package: name, changes }, lockOf }: ReleasesFound,
  proof: Culprit['proof'],
): Promise<GroundedCulprit> => {
  const reported = change === undefined ? undefined : changes[found.changes.indexOf(change)];
  if (change === undefined || reported === undefined) throw new InputError(`No change point of ${name} was found`);
  const after = await lockOf(change.after);
  return { culprit: { ...reported, package: name, proof }, ground: after.kind === 'lock' ? after.lock : undefined };
};
