import { join } from 'node:path';
import { prepareEnvironment } from '../containers/local/prepare-environment.ts';
import { startProbeProcess, type ProbeProcess } from '../containers/local/probe-process.ts';
import type { ProbeMode } from '../containers/open-probe.ts';
import { readPreload } from '../containers/preload-record.ts';
import type { Hello } from '../containers/protocol.ts';
import { neverAborted } from '../harness/interruption.ts';
import { preparePins } from '../harness/prepare-pins.ts';
import { loadCatalogue, type Catalogue } from '../matrices/catalogue.ts';
import { InfrastructureError } from '../matrices/errors.ts';
import { loadMatrix, type Matrix } from '../matrices/matrix.ts';
import type { ResolvedPin } from '../matrices/pin.ts';
import { say } from './say.ts';

export const quickMatrix = join(import.meta.dirname, '../matrices/quick.yaml');

/** What everything is measured on: the first pin of the default matrix, in the environment that campaigns use too. */
export interface BenchPin extends Disposable {
  readonly catalogue: Catalogue;
  /** The default matrix with this pin alone. */
  readonly matrix: Matrix;
  readonly pin: ResolvedPin;
  readonly hello: Hello;
  readonly python: string;
  /** Starts a probe and waits for its handshake. */
  readonly startProbe: (cold: boolean) => Promise<ReadyProbe>;
}

export interface ReadyProbe extends ProbeProcess {
  readonly hello: Hello;
}

/** Builds the environment if need be. Throws `InfrastructureError` when it cannot be built or imported. */
export const prepareBenchPin = async (): Promise<BenchPin> => {
  const catalogue = await loadCatalogue();
  const whole = await loadMatrix(quickMatrix, catalogue);
  const matrix = { ...whole, pins: whole.pins.slice(0, 1) };
  const pin = await resolveOnly(matrix);
  const telling = { onStep: say, onWarning: say };
  const environment = await prepareEnvironment(pin, telling, neverAborted);
  if (environment.kind === 'broken') throw new InfrastructureError(environment.reason);
  const { python, preloadFile } = environment;
  const startProbe = async (cold: boolean): Promise<ReadyProbe> => {
    const mode: ProbeMode = cold
      ? { kind: 'cold', hashSeed: 0 }
      : { kind: 'warm', hashSeed: 0, preload: await readPreload(preloadFile) };
    return greeted(startProbeProcess({ python, device: 'cpu', mode }));
  };
  await using probe = await startProbe(false);
  const { hello } = probe;
  return {
    catalogue,
    matrix,
    pin,
    hello,
    python,
    startProbe,
    [Symbol.dispose]: () => environment[Symbol.dispose](),
  };
};

const resolveOnly = async (matrix: Matrix): Promise<ResolvedPin> => {
  const [prepared] = await preparePins(matrix, {
    matrixPath: quickMatrix,
    resultsPath: '.peft-matrix',
    onEvent: (event) => event.kind === 'warning' && say(event.message),
    signal: neverAborted,
  });
  if (prepared?.kind === 'resolved') return prepared.pin;
  throw new InfrastructureError(`${quickMatrix}: its first pin has no lock: ${prepared?.reason ?? 'there is none'}`);
};

const greeted = async (probe: ProbeProcess): Promise<ReadyProbe> => {
  const greeting = await probe.connection.greeting;
  if (greeting.kind === 'hello') return Object.assign(probe, { hello: greeting.hello });
  await probe[Symbol.asyncDispose]();
  throw new InfrastructureError(greeting.kind === 'broken' ? greeting.reason : greeting.failure.message);
};
