import type { Device } from '../matrices/pin.ts';
import type { OpenOptions, OpenResult } from './executor.ts';
import { readPreload, recordPreload } from './preload-record.ts';
import type { Greeting, ProbeConnection } from './probe-connection.ts';
import type { Hello } from './protocol.ts';

/** A probe that was started, wherever it runs; disposing of it ends it. */
export interface RunningProbe extends AsyncDisposable {
  readonly connection: ProbeConnection;
}

/** How a probe is to run its cells. */
export type ProbeMode =
  /** Every rank is a fresh interpreter. */
  | { readonly kind: 'cold'; readonly hashSeed: number }
  /** Ranks are forks of a parent that has imported these modules; undefined lets it find out which. */
  | { readonly kind: 'warm'; readonly hashSeed: number; readonly preload: readonly string[] | undefined };

/** What a probe is told when it is started. */
export interface ProbeWords {
  readonly device: Device;
  readonly mode: ProbeMode;
  /** Packages whose versions it tells beside those that it always does. */
  readonly watch?: readonly string[];
}

/** The words of the probe's command line. */
export const probeWords = ({ device, mode, watch = [] }: ProbeWords): readonly string[] => [
  '--device',
  device,
  ...(watch.length === 0 ? [] : ['--watch', watch.join(',')]),
  '--hash-seed',
  String(mode.hashSeed),
  ...(mode.kind === 'cold' ? ['--cold'] : []),
  ...(mode.kind === 'cold' || mode.preload === undefined ? [] : ['--preload', mode.preload.join(',')]),
];

export interface OpenProbeOptions extends Pick<OpenOptions, 'cold' | 'hashSeed'> {
  /** Where it is kept which modules the parent imports for its children. */
  readonly preloadFile: string;
  readonly start: (mode: ProbeMode, signal: AbortSignal) => Promise<RunningProbe>;
}

/** Importing torch, transformers and PEFT, and settling what to preload, on a cold disk; beyond it nothing will come. */
const greetingDeadlineMs = 300_000;

/**
 * Starts a probe and shakes hands with it. One that is gone before it has said a word is started once more: like a cell
 * that could not be asked, it may have been killed for want of memory and come up the next time.
 */
export const openProbe = async (options: OpenProbeOptions, signal: AbortSignal): Promise<OpenResult> => {
  const { cold, hashSeed, preloadFile } = options;
  const preload = cold ? undefined : await readPreload(preloadFile);
  const mode: ProbeMode = cold ? { kind: 'cold', hashSeed } : { kind: 'warm', hashSeed, preload };
  const deadline = AbortSignal.timeout(greetingDeadlineMs);
  const first = await startAndGreet(options, mode, signal, deadline);
  const last =
    first.kind === 'broken' && !deadline.aborted ? await startAndGreet(options, mode, signal, deadline) : first;
  if (last.kind !== 'started') return last;
  const { probe, hello } = last;
  if (mode.kind === 'warm' && preload === undefined) await recordPreload(preloadFile, hello.preloaded);
  return {
    kind: 'open',
    pin: {
      hello,
      run: (cell, cellSignal, devices) => probe.connection.run(cell, cellSignal, devices),
      [Symbol.asyncDispose]: () => probe[Symbol.asyncDispose](),
    },
  };
};

type Started =
  | { readonly kind: 'started'; readonly probe: RunningProbe; readonly hello: Hello }
  | Exclude<Greeting, { readonly kind: 'hello' }>;

const startAndGreet = async (
  { start }: OpenProbeOptions,
  mode: ProbeMode,
  signal: AbortSignal,
  deadline: AbortSignal,
): Promise<Started> => {
  await using stack = new AsyncDisposableStack();
  const probe = stack.use(await start(mode, signal));
  const greeting = await greet(probe.connection, signal, deadline);
  if (greeting.kind !== 'hello') return greeting;
  stack.move();
  return { kind: 'started', probe, hello: greeting.hello };
};

const greet = async (connection: ProbeConnection, signal: AbortSignal, deadline: AbortSignal): Promise<Greeting> => {
  const giveUp = AbortSignal.any([signal, deadline]);
  const onGiveUp = (): void =>
    connection.fail(signal.aborted ? 'interrupted' : `no greeting within ${greetingDeadlineMs / 1000} s`);
  if (giveUp.aborted) onGiveUp();
  giveUp.addEventListener('abort', onGiveUp, { once: true });
  const greeting = await connection.greeting;
  giveUp.removeEventListener('abort', onGiveUp);
  signal.throwIfAborted();
  return greeting;
};
