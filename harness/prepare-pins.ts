import { dirname, join, resolve } from 'node:path';
import { valid } from '@renovatebot/pep440';
import { checkOut } from '../containers/git/check-out.ts';
import { repositoryOf } from '../containers/git/known-repositories.ts';
import { checkLocation } from '../containers/git/repository.ts';
import { checkInterpreter } from '../containers/local/interpreters.ts';
import { makeFolder } from '../containers/local/make-folder.ts';
import { releasesOf } from '../containers/local/package-index.ts';
import { hostPlatform } from '../containers/local/platform.ts';
import { resolveLock } from '../containers/local/resolve-lock.ts';
import type { Telling } from '../containers/telling.ts';
import { InfrastructureError, InputError } from '../matrices/errors.ts';
import { expandPins, lockRequestOf, normalName, type PlannedPin, type ReleasesOf } from '../matrices/expand-pins.ts';
import { formatLock, mismatch, readLock, type LockRequest } from '../matrices/lock.ts';
import type { Matrix, MatrixPin } from '../matrices/matrix.ts';
import type { Lock, PinSource, ResolvedPin } from '../matrices/pin.ts';
import { dayToCome } from '../matrices/today.ts';
import { unknownVersion } from '../matrices/unknown-version.ts';
import type { OnEvent } from '../reports/events.ts';
import { orExplain, writeAtomically } from './write-atomically.ts';

/** A pin that has a lock or an interpreter, or the reason why it has none. */
export type PreparedPin =
  | { readonly kind: 'resolved'; readonly pin: ResolvedPin }
  | {
      readonly kind: 'broken';
      readonly id: string;
      readonly device: ResolvedPin['device'];
      /** What the matrix asks of it. */
      readonly asked: Omit<MatrixPin, 'place'> | PlannedPin['source'];
      readonly reason: string;
    };

export interface PinOptions {
  /** The matrix file: locks that come with it lie in `locks/<name>/` beside it. */
  readonly matrixPath: string;
  /** Where locks that are resolved here are kept, and found the next time. */
  readonly resultsPath: string;
  /** False: a pin without a lock is refused, in place of resolving it. */
  readonly mayResolve?: boolean;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
  /** @defaultValue the package index */
  readonly releasesOf?: ReleasesOf;
  /** @defaultValue uv's resolver */
  readonly resolve?: ((request: LockRequest) => Promise<Lock>) | undefined;
}

/**
 * Gives every pin of a matrix its lock: the one that came with the matrix, or was kept by an earlier run, if it answers
 * the pin still; else a new one. One pin that cannot be resolved does not keep the others.
 *
 * @throws InputError when a pin names an interpreter that is not there or does not run, a repository or commit that is not
 * there, a range that is empty, a version that there is not, or a day that is still to come; and when it would have to be
 * resolved and may not.
 */
export const preparePins = async (matrix: Matrix, options: PinOptions): Promise<readonly PreparedPin[]> => {
  refuseDaysToCome(matrix);
  await checkPlaces(matrix, options.signal);
  const askIndex = options.releasesOf ?? packageIndex(options);
  const { planned, broken } = await expand(matrix, askIndex);
  const prepared: PreparedPin[] = [];
  for (const pin of planned) prepared.push(await preparePin(matrix, pin, options, askIndex));
  return [...prepared, ...broken];
};

/** The releases on the package index that is configured. */
export const packageIndex =
  (options: Pick<PinOptions, 'onEvent' | 'signal'>): ReleasesOf =>
  (name) =>
    releasesOf(name, { onStep: () => {}, onWarning: tellWarning(options) }, options.signal);

/**
 * Refuses days that are still to come: nobody knows what will have come out by then.
 *
 * @throws {InputError} With the place of each.
 */
export const refuseDaysToCome = ({ asOf, pins }: Pick<Matrix, 'asOf' | 'pins'>): void => {
  const file = pins[0]?.place.replace(/(?::\d+){2}$/, '') ?? '';
  const days = [{ asOf, place: file }, ...pins];
  const problems = days.flatMap((day) => {
    const problem = day.asOf === undefined || day.asOf === 'release' ? undefined : dayToCome(day.asOf);
    return problem === undefined ? [] : [`${day.place}: asOf: ${problem}`];
  });
  if (problems.length > 0) throw new InputError(problems.join('\n'));
};

/**
 * Before anything is built: an interpreter or a repository that is not there is a slip of the pen, and the place of it is
 * known here.
 */
const checkPlaces = async ({ pins }: Matrix, signal: AbortSignal): Promise<void> => {
  const problems: string[] = [];
  for (const { interpreter, tree, place } of pins) {
    try {
      if (interpreter !== undefined) await checkInterpreter(interpreter, process.env, signal);
      if (tree !== undefined) checkLocation(tree.git ?? repositoryOf(normalName(tree.package)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      problems.push(`${place}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new InputError(problems.join('\n'));
};

interface Expanded {
  readonly planned: readonly PlannedPin[];
  readonly broken: readonly PreparedPin[];
}

/** Without an index the ranges cannot be expanded, but exact versions go on. */
const expand = async (matrix: Matrix, askIndex: ReleasesOf): Promise<Expanded> => {
  try {
    return { planned: await expandPins(matrix, askIndex), broken: [] };
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    const [ranges, others] = [matrix.pins.filter(isRange), matrix.pins.filter((pin) => !isRange(pin))];
    const broken = ranges.map((pin, index) => {
      const { place: _, ...asked } = pin;
      const { device, peft } = asked;
      const reason = `the releases in ${peft} cannot be listed: ${error.message}`;
      return { kind: 'broken' as const, id: `peft-range-${index + 1}`, device, asked, reason };
    });
    return { planned: await expandPins({ ...matrix, pins: others }, askIndex), broken };
  }
};

const isRange = ({ peft }: MatrixPin): boolean => peft !== undefined && valid(peft) === null;

/** The id of a pin, resolved or not. */
export const pinIdOf = (pin: PreparedPin): string => (pin.kind === 'resolved' ? pin.pin.id : pin.id);

const preparePin = async (
  matrix: Matrix,
  pin: PlannedPin,
  options: PinOptions,
  askIndex: ReleasesOf,
): Promise<PreparedPin> => {
  const { id, device, source } = pin;
  if (source.kind === 'interpreter') return { kind: 'resolved', pin: { id, device, source } };
  try {
    const lock = await lockOf(matrix, pin, options, askIndex);
    return { kind: 'resolved', pin: { id, device, source: await sourceOf(matrix, pin, lock, options) } };
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    await refuseUnknownVersions(matrix, pin, askIndex);
    return { kind: 'broken', id, device, asked: source, reason: error.message };
  }
};

/** The environment of the lock, or a source tree over it. */
const sourceOf = async (
  { pins }: Matrix,
  { id, source }: PlannedPin,
  lock: Lock,
  options: PinOptions,
): Promise<PinSource> => {
  if (source.kind === 'interpreter' || source.tree === undefined) return { kind: 'lock', lock };
  const { tree, asOf } = source;
  try {
    const checkedOut = await checkOut(tree, asOf, tellingOf(options, id), options.signal);
    const { package: name, git } = tree;
    return { kind: 'tree', lock, package: name, ...checkedOut, ...(git === undefined ? {} : { git }) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const written = pins.find((pin) => pin.tree?.commit === tree.commit && pin.tree.git === tree.git);
    throw new InputError(`${written?.place ?? id}: ${error.message}`);
  }
};

/**
 * A version that its index does not have is a slip of the pen. Asked only where resolving has failed: with its lock, a pin
 * needs no index.
 *
 * @throws InputError that names versions which there are.
 */
const refuseUnknownVersions = async ({ pins }: Matrix, { source }: PlannedPin, askIndex: ReleasesOf): Promise<void> => {
  if (source.kind === 'interpreter') return;
  for (const [name, range] of Object.entries(source.requirements)) {
    const version = /^==(?<version>[^*]+)$/.exec(range)?.groups?.['version'];
    const releases = version === undefined ? [] : await askIndex(name).catch(nothingKnown);
    if (version === undefined || releases.length === 0) continue;
    const problem = unknownVersion(name, version, releases, source.asOf);
    // Ranges of PEFT are expanded to versions that there are, so the pin that is wrong says it as it stands.
    const places = pins.filter((pin) => asksFor(pin, name, version)).map(({ place }) => place);
    if (problem !== undefined)
      throw new InputError(places.map((place) => `${place}: ${problem}`).join('\n') || problem);
  }
};

/** Without an index there is no telling. */
const nothingKnown = (error: unknown): readonly [] => {
  if (error instanceof InfrastructureError) return [];
  throw error;
};

const asksFor = (pin: MatrixPin, name: string, version: string): boolean => {
  const { peft, torch, transformers, accelerate, packages } = pin;
  const given: Readonly<Record<string, string | undefined>> = { peft, torch, transformers, accelerate, ...packages };
  return Object.entries(given).some(
    ([other, text]) => normalName(other) === name && text?.trim().replace(/^==\s*/, '') === version,
  );
};

const lockOf = async (matrix: Matrix, pin: PlannedPin, options: PinOptions, askIndex: ReleasesOf): Promise<Lock> => {
  const { matrixPath, resultsPath } = options;
  const kept = join(resultsPath, 'locks', matrix.name, `${pin.id}.json`);
  const committed = join(dirname(resolve(matrixPath)), 'locks', matrix.name, `${pin.id}.json`);
  for (const file of [committed, kept]) {
    const lock = await readLock(file);
    if (lock !== undefined && (await answers(lock, pin))) return lock;
  }
  if (options.mayResolve === false) throw withoutLock(pin.id, committed, kept);
  const request = await lockRequestOf(pin, hostPlatform(), askIndex);
  if (request === undefined) throw new InfrastructureError(`${pin.id}: there is nothing to resolve`);
  const resolveAnew = options.resolve ?? ((asked) => resolveLock(asked, tellingOf(options, pin.id), options.signal));
  const lock = await resolveAnew(request);
  await orExplain(kept, async () => {
    await makeFolder(dirname(kept));
    await writeAtomically(kept, formatLock(lock));
  });
  return lock;
};

/** Resolved by each shard for itself, a pin could be another one in each. */
const withoutLock = (id: string, committed: string, kept: string): InputError =>
  new InputError(
    `${id} has no lock that answers it, and all shards must stand on the same ones. ` +
      `Make them in a job before: peft-matrix plan, and hand ${dirname(dirname(dirname(kept)))} on to every shard; ` +
      `or commit them (${committed}).`,
  );

const tellingOf = (options: PinOptions, pin: string): Telling => ({
  onStep: (step) => options.onEvent({ kind: 'pin-step', pin, step }),
  onWarning: tellWarning(options),
});

const tellWarning =
  ({ onEvent }: Pick<PinOptions, 'onEvent'>): Telling['onWarning'] =>
  (message) =>
    onEvent({ kind: 'warning', message });

/** A lock as of its release is taken at its word for the day: asking the index would need a network for nothing. */
const answers = async (lock: Lock, pin: PlannedPin): Promise<boolean> => {
  const asOfRelease = pin.source.kind === 'resolve' && pin.source.asOf === 'release';
  const dated = asOfRelease ? withDay(pin, lock.asOf) : pin;
  const request = await lockRequestOf(dated, hostPlatform(), () => Promise.resolve([]));
  return request !== undefined && mismatch(lock, request) === undefined;
};

const withDay = (pin: PlannedPin, asOf: string | undefined): PlannedPin =>
  pin.source.kind === 'resolve' && asOf !== undefined ? { ...pin, source: { ...pin.source, asOf } } : pin;
