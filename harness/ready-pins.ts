import { probeSemantics, type Hello, type ImportFailure } from '../containers/protocol.ts';
import { lockId } from '../matrices/lock.ts';
import type { ResolvedPin } from '../matrices/pin.ts';
import { furtherPackages } from '../matrices/watched-packages.ts';
import type { CampaignEvent } from '../reports/events.ts';
import { firstAttempt, type ReadyPin } from './cell.ts';
import type { Ledger } from './ledger.ts';
import type { PinPool } from './pin-pool.ts';

/** What asking a pin for its capabilities gave. */
export type PinState =
  | { readonly kind: 'ready'; readonly ready: ReadyPin }
  | { readonly kind: 'import-failed'; readonly pin: ResolvedPin; readonly failure: ImportFailure }
  | { readonly kind: 'broken'; readonly pin: ResolvedPin; readonly reason: string }
  | { readonly kind: 'skipped'; readonly pin: ResolvedPin; readonly reason: string };

/**
 * Asks a pin what it offers. What the environment of a lock said once is remembered, also with the tree of a commit, so
 * that a run that finds all its cells in the ledger starts no Python. An interpreter and a folder that is worked in are
 * asked each time, for they may have changed.
 */
export const readyPin = async (
  pin: ResolvedPin,
  pool: PinPool,
  ledger: Ledger,
  onEvent: (event: CampaignEvent) => void,
): Promise<PinState> => {
  const source = handshakeKey(pin, pool.executor.kind);
  const known = source === undefined ? undefined : ledger.findHandshake(source);
  const state = known === undefined ? await ask(pin, pool) : readyWith(pin, known);
  onEvent(eventOf(pin.id, state));
  return state;
};

const eventOf = (pin: string, state: PinState): CampaignEvent => {
  switch (state.kind) {
    case 'ready':
      return { kind: 'pin-ready', pin, versions: state.ready.hello.versions };
    case 'import-failed':
      return { kind: 'pin-broken', pin, reason: `${state.failure.type}: ${state.failure.message}` };
    case 'broken':
      return { kind: 'pin-broken', pin, reason: state.reason };
    case 'skipped':
      return { kind: 'pin-skipped', pin, reason: state.reason };
  }
};

/** Under which name the ledger keeps what a pin said; undefined for one that is asked each time. */
export const handshakeKey = (pin: ResolvedPin, executor: string): string | undefined => {
  const { source } = pin;
  switch (source.kind) {
    case 'lock':
      return [executor, lockId(source.lock), probeSemantics, ...furtherPackages(pin)].join(' ');
    case 'interpreter':
      return undefined;
    case 'tree':
      // The path has a part in it: forks have commits in common, but a folder is what it is.
      return source.commit === undefined
        ? undefined
        : `${executor} ${lockId(source.lock)} ${probeSemantics} ${source.package} ${source.commit} ${source.path}`;
  }
};

const ask = (pin: ResolvedPin, pool: PinPool): Promise<PinState> =>
  pool.withPin(pin, firstAttempt, (opened) => {
    if (opened.kind === 'open') return Promise.resolve(readyWith(pin, opened.pin.hello));
    return Promise.resolve(withoutPackage({ ...opened, pin }));
  });

/** An environment that has no torch or no PEFT at all is not one that they fail to import in: there is nobody to blame. */
const withoutPackage = (state: Exclude<PinState, { readonly kind: 'ready' }>): PinState => {
  if (state.kind !== 'import-failed') return state;
  const { pin, failure } = state;
  const missing = /^No module named '(?<name>torch|transformers|peft)'$/.exec(failure.message)?.groups?.['name'];
  if (failure.type !== 'ModuleNotFoundError' || missing === undefined || failure.versions[missing] !== undefined)
    return state;
  return { kind: 'broken', pin, reason: `${missing} is not installed in this environment${whereOf(pin)}` };
};

const whereOf = ({ source }: ResolvedPin): string => (source.kind === 'interpreter' ? ` (${source.path})` : '');

const readyWith = (pin: ResolvedPin, hello: Hello): PinState => ({ kind: 'ready', ready: { pin, hello } });
