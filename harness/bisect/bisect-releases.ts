import { InputError } from '../../matrices/errors.ts';
import { lockId, type LockRequest } from '../../matrices/lock.ts';
import type { Lock } from '../../matrices/pin.ts';
import type { BisectedCandidate, BisectedReleases } from '../../reports/bisect-model.ts';
import type { Answer } from './answer.ts';
import { buildAhead } from './build-ahead.ts';
import type { Candidate, Candidates } from './candidates.ts';
import { findHeldLock, heldLock, swappedLock, type HeldRequest } from './held-lock.ts';
import type { Resolved } from './keep-locks.ts';
import { movesBetween } from './mixtures.ts';
import { reportAnswer } from './report-answer.ts';
import { search, type Change, type Found } from './search.ts';
import type { BisectWorld } from './world.ts';

/** What to look for among the releases of a package. */
export interface ReleasesRequest extends Candidates {
  readonly package: string;
  readonly others: BisectedReleases['others'];
  /** Holds the other packages; says Python, device and platform. */
  readonly base: Lock;
  /** Locks of single versions that are there already. */
  readonly given?: ReadonlyMap<string, Lock>;
  /** Versions whose answers were known when this was first begun; see `knownAtStart`. */
  readonly knownAtStart: (known: readonly string[]) => Promise<readonly string[]>;
}

export interface ReleasesFound {
  readonly found: Found;
  /** The change that was looked for; undefined where there is none. */
  readonly change: Change | undefined;
  readonly reported: BisectedReleases;
  /** The lock that a candidate was asked with. */
  readonly lockOf: (index: number) => Promise<Resolved>;
}

/** Finds the releases of a package at which a failure came or went. Throws `InputError` for an end that is wrong. */
export const bisectReleases = async (request: ReleasesRequest, anyWorld: BisectWorld): Promise<ReleasesFound> => {
  const { candidates, package: name } = request;
  const world = anyWorld.watching([name]);
  const nameOf = (index: number): string => `${name} ${candidates[index]?.version ?? ''}`;
  const lockOf = once((index) => resolveLockOf(candidateAt(candidates, index), request, world));
  const known = await knownAnswers(request, world);
  await using builder = buildAhead(async (index, signal) => {
    const resolved = await lockOf(index);
    if (resolved.kind === 'lock' && !signal.aborted) await world.build(nameOf(index), resolved.lock, signal);
  });
  const withLock = async (index: number, by: BisectWorld['ask']): Promise<Answer> => {
    const resolved = await lockOf(index);
    if (resolved.kind === 'lock') return by(nameOf(index), resolved.lock);
    const answer: Answer = { kind: 'skip', cause: 'broken', reason: resolved.reason };
    world.onAnswer(nameOf(index), answer);
    return answer;
  };
  const found = await search({
    ...request,
    size: candidates.length,
    workers: world.workers,
    known: (index) => known.get(index),
    nameOf,
    onRound: builder.onRound,
    ask: async (index) => {
      await builder.build(index);
      return withLock(index, world.ask);
    },
    confirm: (index) => withLock(index, world.confirm),
  });
  return { found, change: wanted(found, request), reported: await report(found, request, lockOf), lockOf };
};

const candidateAt = (candidates: readonly Candidate[], index: number): Candidate => {
  const candidate = candidates[index];
  if (candidate === undefined) throw new InputError(`There is no candidate ${index} of ${candidates.length}`);
  return candidate;
};

/** The last one that led to the bad end; or the first one that led away from it. */
const wanted = ({ changes }: Found, { towards, bad }: ReleasesRequest): Change | undefined =>
  towards === 'older'
    ? changes.findLast(({ kind, after }) => kind === 'introduced' && after <= bad)
    : changes.find(({ kind, before }) => kind === 'fixed' && before >= bad);

const resolveLockOf = async (
  candidate: Candidate,
  request: ReleasesRequest,
  { locks, isKnown }: BisectWorld,
): Promise<Resolved> => {
  const given = givenLock(candidate, request, isKnown);
  if (given !== undefined) return { kind: 'lock', lock: given };
  if (request.others === 'held') return heldLock(heldRequest(candidate, request), locks);
  const asOf = asOfRequest(candidate, request);
  return asOf === undefined
    ? {
        kind: 'impossible',
        reason: `the package index does not say when ${request.package} ${candidate.version} came out`,
      }
    : locks.resolve(asOf);
};

/** A lock that needs no resolver: one that is there, or differs in this package alone and has been used. */
const givenLock = (
  candidate: Candidate,
  request: ReleasesRequest,
  isKnown: BisectWorld['isKnown'],
): Lock | undefined => {
  const given = request.given?.get(candidate.version);
  if (given !== undefined) return given;
  const { base, others } = request;
  if (others === 'held') {
    const swapped = swappedLock(heldRequest(candidate, request));
    return isKnown(swapped) ? swapped : undefined;
  }
  const isOfItsDay = base.packages[request.package] === candidate.version && base.asOf === candidate.releasedAt;
  return isOfItsDay && base.asOf !== undefined ? base : undefined;
};

const heldRequest = ({ version, releasedAt }: Candidate, { base, package: name }: ReleasesRequest): HeldRequest => ({
  base,
  package: name,
  version,
  ...(releasedAt === undefined ? {} : { releasedAt }),
});

const asOfRequest = ({ version, releasedAt }: Candidate, request: ReleasesRequest): LockRequest | undefined => {
  const { python, device, platform } = request.base;
  if (releasedAt === undefined) return undefined;
  return { python, device, platform, requirements: { [request.package]: `==${version}` }, asOf: releasedAt };
};

/** What the ledger says of candidates whose locks are there. Nothing is resolved for it. */
const knownAnswers = async (request: ReleasesRequest, world: BisectWorld): Promise<ReadonlyMap<number, Answer>> => {
  const answers = new Map<number, Answer>();
  for (const [index, candidate] of request.candidates.entries()) {
    const lock = await findLock(candidate, request, world);
    const answer = lock && (await world.known(`${request.package} ${candidate.version}`, lock));
    if (answer !== undefined) answers.set(index, answer);
  }
  const versions = request.candidates.filter((_, index) => answers.has(index)).map(({ version }) => version);
  const atStart = await request.knownAtStart(versions);
  return new Map([...answers].filter(([index]) => atStart.includes(request.candidates[index]?.version ?? '')));
};

const findLock = async (
  candidate: Candidate,
  request: ReleasesRequest,
  { locks, isKnown }: BisectWorld,
): Promise<Lock | undefined> => {
  const given = givenLock(candidate, request, isKnown);
  if (given !== undefined) return given;
  if (request.others === 'held') return findHeldLock(heldRequest(candidate, request), locks);
  const asOf = asOfRequest(candidate, request);
  return asOf && locks.find(asOf);
};

const report = async (
  found: Found,
  request: ReleasesRequest,
  lockOf: ReleasesFound['lockOf'],
): Promise<BisectedReleases> => ({
  package: request.package,
  others: request.others,
  candidates: await Promise.all(
    request.candidates.map((candidate, index) => reportCandidate(candidate, index, found, request, lockOf)),
  ),
  changes: found.changes.map(({ kind, before, after, skipped, isConfirmed }) => {
    const { version, releasedAt } = candidateAt(request.candidates, after);
    return {
      kind,
      before: candidateAt(request.candidates, before).version,
      after: version,
      ...(releasedAt === undefined ? {} : { releasedAt }),
      skipped: skipped.map((index) => candidateAt(request.candidates, index).version),
      confirmed: isConfirmed,
    };
  }),
  rounds: found.rounds,
});

const reportCandidate = async (
  candidate: Candidate,
  index: number,
  { answers, asked }: Found,
  request: ReleasesRequest,
  lockOf: ReleasesFound['lockOf'],
): Promise<BisectedCandidate> => {
  const answer = answers.get(index);
  if (answer === undefined) return candidate;
  const order = asked.filter(({ how }) => how === 'asked').findIndex((entry) => entry.index === index);
  const again = asked.find((entry) => entry.index === index && entry.how === 'confirmed')?.answer;
  const resolved = await lockOf(index);
  return {
    ...candidate,
    ...(resolved.kind === 'lock' ? { lock: lockId(resolved.lock), ...movedIn(resolved.lock, request) } : {}),
    answer: reportAnswer(answer),
    ...(order === -1 ? {} : { order: order + 1 }),
    ...(again === undefined ? {} : { again: reportAnswer(again) }),
  };
};

/** What is not as it should be held. */
const movedIn = (lock: Lock, { others, base, package: name }: ReleasesRequest): Pick<BisectedCandidate, 'moved'> => {
  if (others !== 'held' || lockId(lock) === lockId(base)) return {};
  const moved = movesBetween(base, lock).filter((move) => move.package !== name);
  return moved.length === 0 ? {} : { moved };
};

const once = <T>(make: (index: number) => Promise<T>): ((index: number) => Promise<T>) => {
  const made = new Map<number, Promise<T>>();
  return (index) => {
    const known = made.get(index) ?? make(index);
    made.set(index, known);
    return known;
  };
};
