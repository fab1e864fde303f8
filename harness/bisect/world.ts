import type { ReleasesOf } from '../../matrices/expand-pins.ts';
import { lockId } from '../../matrices/lock.ts';
import type { Lock, ResolvedPin, SourceTree } from '../../matrices/pin.ts';
import { furtherPackages } from '../../matrices/watched-packages.ts';
import { shortDigest } from '../cell-key.ts';
import { firstAttempt } from '../cell.ts';
import type { Attempt } from '../ledger.ts';
import { handshakeKey, readyPin } from '../ready-pins.ts';
import type { Answer } from './answer.ts';
import { askPin, type AskOptions, type Question } from './ask-pin.ts';
import type { Locks } from './keep-locks.ts';
import { answeredEvent } from './report-answer.ts';

/** All that a bisect needs to know of the world. */
export interface BisectWorld {
  readonly locks: Locks;
  readonly releasesOf: ReleasesOf;
  /** How many candidates are asked at once. */
  readonly workers: number;
  /** Asks the environment of a lock; `name` is for people. */
  readonly ask: (name: string, lock: Lock) => Promise<Answer>;
  /** Asks it once more, in a cold process. */
  readonly confirm: (name: string, lock: Lock) => Promise<Answer>;
  /** What the ledger says already, without starting anything; undefined where something is missing. */
  readonly known: (name: string, lock: Lock) => Promise<Answer | undefined>;
  /** Whether the ledger has heard of the environment of a lock. */
  readonly isKnown: (lock: Lock) => boolean;
  /** What the package of a tree calls itself, without what tells its commits apart. */
  readonly versionOf: (tree: SourceTree) => Promise<string>;
  /** Builds the environment of a lock. */
  readonly build: (name: string, lock: Lock, signal: AbortSignal) => Promise<void>;
  /**
   * The same world, in which cells on different versions of these packages are not the same, whatever the ledger keeps
   * apart otherwise.
   */
  readonly watching: (packages: readonly string[]) => BisectWorld;
  /** An answer was given. */
  readonly onAnswer: (name: string, answer: Answer) => void;
}

export interface WorldOptions extends AskOptions {
  readonly question: Question;
  readonly locks: Locks;
  readonly releasesOf: ReleasesOf;
  readonly workers: number;
  readonly stop: AbortSignal;
  /** @defaultValue none */
  readonly watch?: readonly string[];
}

/** The world as ledger and executor show it. */
export const openWorld = (options: WorldOptions): BisectWorld => {
  const { question, open, ledger, onEvent, stop, watch = [] } = options;
  const pinOf = (name: string, lock: Lock): ResolvedPin => lockPin(name, lock, watch);
  const { executor } = open.pool;
  const onAnswer = (candidate: string, answer: Answer): void => onEvent(answeredEvent(candidate, answer));
  const ask = async (name: string, lock: Lock, attempt: Attempt): Promise<Answer> => {
    const answer = await askPin(question, pinOf(name, lock), options, attempt);
    onAnswer(attempt.cold ? `${name}, once more` : name, answer);
    return answer;
  };
  const isKnown = (lock: Lock): boolean => {
    const key = handshakeKey(pinOf('', lock), executor.kind);
    return key !== undefined && ledger.findHandshake(key) !== undefined;
  };
  return {
    ...options,
    watching: (packages) => openWorld({ ...options, watch: [...watch, ...packages] }),
    onAnswer,
    isKnown,
    ask: (name, lock) => ask(name, lock, firstAttempt),
    confirm: (name, lock) => ask(name, lock, { number: 0, cold: true }),
    known: async (name, lock) => (isKnown(lock) ? knownAnswer(pinOf(name, lock), options) : undefined),
    versionOf: async (source) => {
      const pin: ResolvedPin = { id: `${source.package}-tree`, device: source.lock.device, source };
      const state = await readyPin(pin, open.pool, ledger, onEvent);
      const said = state.kind === 'ready' ? state.ready.hello.versions[source.package] : undefined;
      return (said ?? source.lock.packages[source.package] ?? '').replace(/\+.*$/, '');
    },
    build: async (name, lock, signal) => {
      const pin = pinOf(name, lock);
      const telling = {
        onStep: (step: string) => onEvent({ kind: 'pin-step', pin: pin.id, step }),
        onWarning: (message: string) => onEvent({ kind: 'warning', message }),
      };
      await executor.prepare?.(pin, telling, AbortSignal.any([signal, stop]));
    },
  };
};

/** The same release may have two locks, with others held and of its day; and it may have to tell more of one than before. */
const lockPin = (name: string, lock: Lock, watch: readonly string[]): ResolvedPin => {
  const pin = { device: lock.device, source: { kind: 'lock', lock }, watch } as const;
  const tag = shortDigest([lockId(lock), furtherPackages(pin)]).slice(0, 4);
  return { id: `${name.replaceAll(/[^\w.]+/g, '-')}-${tag}`, ...pin };
};

/** Nothing is run; where only a reference is missing, that is no answer either. */
const knownAnswer = async (pin: ResolvedPin, options: WorldOptions): Promise<Answer | undefined> => {
  const { laboratory } = options.open;
  let isMissing = false;
  const run: typeof laboratory.lookUp = async (cell, signal) => {
    const result = await laboratory.lookUp(cell, signal);
    isMissing ||= result.kind === 'broken';
    return result;
  };
  const open = { ...options.open, laboratory: { ...laboratory, run } };
  const answer = await askPin(options.question, pin, { ...options, open, onEvent: () => {} });
  return isMissing ? undefined : answer;
};
