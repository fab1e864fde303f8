import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { releasesOf } from '../containers/local/package-index.ts';
import { hostPlatform } from '../containers/local/platform.ts';
import { resolveLock } from '../containers/local/resolve-lock.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import { expandPins, lockRequestOf, type PlannedPin, type ReleasesOf } from '../matrices/expand-pins.ts';
import { formatLock, mismatch, readLock } from '../matrices/lock.ts';
import type { Matrix } from '../matrices/matrix.ts';
import type { Lock, ResolvedPin } from '../matrices/pin.ts';

/** A pin that has a lock or an interpreter, or the reason why it has none. */
export type PreparedPin =
  | { readonly kind: 'resolved'; readonly pin: ResolvedPin }
  | { readonly kind: 'broken'; readonly id: string; readonly device: ResolvedPin['device']; readonly reason: string };

export interface PinOptions {
  /** The matrix file: locks that come with it lie in `locks/<name>/` beside it. */
  readonly matrixPath: string;
  /** Where locks that are resolved here are kept, and found the next time. */
  readonly resultsPath: string;
  readonly onStep: (pin: string, step: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Gives every pin of a matrix its lock: the one that came with the matrix, or was kept by an earlier run, if it answers
 * the pin still; else a new one. One pin that cannot be resolved does not keep the others.
 */
export const preparePins = async (matrix: Matrix, options: PinOptions): Promise<readonly PreparedPin[]> => {
  const askIndex: ReleasesOf = (name) => releasesOf(name, options.signal);
  const planned = await expandPins(matrix, askIndex);
  const prepared: PreparedPin[] = [];
  for (const pin of planned) prepared.push(await preparePin(matrix, pin, options, askIndex));
  return prepared;
};

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
    return { kind: 'resolved', pin: { id, device, source: { kind: 'lock', lock } } };
  } catch (error) {
    if (!(error instanceof InfrastructureError)) throw error;
    return { kind: 'broken', id, device, reason: error.message };
  }
};

const lockOf = async (
  matrix: Matrix,
  pin: PlannedPin,
  { matrixPath, resultsPath, onStep, signal }: PinOptions,
  askIndex: ReleasesOf,
): Promise<Lock> => {
  const kept = join(resultsPath, 'locks', matrix.name, `${pin.id}.json`);
  const committed = join(dirname(resolve(matrixPath)), 'locks', matrix.name, `${pin.id}.json`);
  for (const file of [committed, kept]) {
    const lock = await readLock(file);
    if (lock !== undefined && (await answers(lock, pin))) return lock;
  }
  const request = await lockRequestOf(pin, hostPlatform(), askIndex);
  if (request === undefined) throw new InfrastructureError(`${pin.id}: there is nothing to resolve`);
  const lock = await resolveLock(request, (step) => onStep(pin.id, step), signal);
  await mkdir(dirname(kept), { recursive: true });
  await writeFile(kept, formatLock(lock));
  return lock;
};

/** A lock as of its release is taken at its word for the day: asking the index would need a network for nothing. */
const answers = async (lock: Lock, pin: PlannedPin): Promise<boolean> => {
  const asOfRelease = pin.source.kind === 'resolve' && pin.source.asOf === 'release';
  const dated = asOfRelease ? withDay(pin, lock.asOf) : pin;
  const request = await lockRequestOf(dated, hostPlatform(), () => Promise.resolve([]));
  return request !== undefined && mismatch(lock, request) === undefined;
};

const withDay = (pin: PlannedPin, asOf: string | undefined): PlannedPin =>
  pin.source.kind === 'resolve' && asOf !== undefined ? { ...pin, source: { ...pin.source, asOf } } : pin;
