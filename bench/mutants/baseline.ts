import PQueue from 'p-queue';
import type { Observation, Stop } from '../../containers/observation.ts';
import { localExecutor } from '../../containers/local/local-executor.ts';
import type { ReadyPin } from '../../harness/cell.ts';
import { canonicalJson } from '../../harness/cell-key.ts';
import { neverAborted } from '../../harness/interruption.ts';
import type { Laboratory } from '../../harness/laboratory.ts';
import { openLaboratory } from '../../harness/open-laboratory.ts';
import { readyPin, type PinState } from '../../harness/ready-pins.ts';
import { canonicalConfig, formatConfig } from '../../matrices/config.ts';
import { InfrastructureError } from '../../matrices/errors.ts';
import type { ResolvedPin } from '../../matrices/pin.ts';
import { say } from '../say.ts';
import { Coverage } from './coverage.ts';
import { judgeRun, observationOf, openSpecimen, type Ground } from './ground.ts';
import { planCells, type MutantRun } from './plan-cells.ts';
import type { Scope } from './scope.ts';

/** What the PEFT without a fault comes to. */
export interface Baseline {
  readonly ready: ReadyPin;
  readonly runs: readonly MutantRun[];
  readonly coverage: Coverage;
  /** Ids of the signatures of what it violates, by canonical config. */
  readonly violations: ReadonlyMap<string, ReadonlySet<string>>;
  /** Time that its cells took, in milliseconds. */
  readonly ms: number;
}

interface BaselineOptions {
  readonly pin: ResolvedPin;
  readonly scope: Scope;
  /** For the lines that cells execute. */
  readonly folder: string;
  /** Cells at once. */
  readonly parallel: number;
}

/**
 * Runs every cell twice: in an ordinary probe of campaigns, and in one from a nursery, with every file planted with
 * nothing and every line traced.
 *
 * @throws {InfrastructureError} When the two differ in anything: then it would not be the faults that mutants show.
 */
export const runBaseline = async (ground: Ground, options: BaselineOptions): Promise<Baseline> => {
  const { catalogue, ledger } = ground;
  const { pin, scope, folder, parallel } = options;
  await using ordinary = openLaboratory({
    catalogue,
    executor: localExecutor(),
    ledger,
    onEvent: () => {},
    stop: neverAborted,
    abort: neverAborted,
  });
  const ready = readyOf(await readyPin(pin, ordinary.pool, ledger, () => {}));
  const runs = planCells(catalogue, ready);
  say(`${runs.length} runs of the PEFT without a fault`);
  const began = performance.now();
  const violations = await runAll(ordinary.laboratory, ready, runs, parallel);
  const ms = performance.now() - began;
  say(`the same again, traced, with nothing planted (${Math.round(ms / 1000)} s until here)`);
  const nothing = scope.files.map((file) => ({ file, begin: 0, end: 0, after: '' }));
  await using traced = await openSpecimen(ground, 'traced', { mutants: nothing, trace: folder }, { parallel });
  const other = { laboratory: traced.laboratory, ready: readyOf(traced.state) };
  await runAll(other.laboratory, other.ready, runs, parallel);
  const differing = await differingCells({ laboratory: ordinary.laboratory, ready }, other, runs);
  for (const text of differing) say(`  differs: ${text}`);
  if (differing.length > 0) throw new InfrastructureError('With nothing planted, cells show something else.');
  return { ready, runs, violations, ms, coverage: await Coverage.read(folder) };
};

const readyOf = (state: PinState): ReadyPin => {
  if (state.kind === 'ready') return state.ready;
  const reason = state.kind === 'import-failed' ? state.failure.message : state.reason;
  throw new InfrastructureError(`The PEFT without a fault cannot be asked: ${reason}`);
};

/** Puts a PEFT to every run of a plan, several at once; returns the ids of the signatures of what it violates. */
const runAll = async (
  laboratory: Laboratory,
  ready: ReadyPin,
  runs: readonly MutantRun[],
  parallel: number,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> => {
  const queue = new PQueue({ concurrency: parallel });
  const judged = await Promise.all(runs.map((run) => queue.add(() => judgeRun(laboratory, ready, run))));
  const found = new Map<string, Set<string>>();
  for (const { config, verdict, violations } of judged) {
    const known = found.get(canonicalConfig(config)) ?? new Set();
    found.set(canonicalConfig(config), known.union(new Set(violations.map(({ signatureId }) => signatureId))));
    if (verdict.kind === 'broken') throw new InfrastructureError(`${formatConfig(config)}: ${verdict.reason}`);
  }
  return found;
};

/** A PEFT in one laboratory. */
interface Place {
  readonly laboratory: Laboratory;
  readonly ready: ReadyPin;
}

/** Cells whose observations are not, bit for bit, the same in both places, with both. */
const differingCells = async (left: Place, right: Place, runs: readonly MutantRun[]): Promise<readonly string[]> => {
  const texts = await Promise.all(
    runs.map(async ({ config, attempt }) => {
      const [ours, theirs] = await Promise.all(
        [left, right].map(async (place) =>
          factsOf(await observationOf(place.laboratory, place.ready, config, attempt)),
        ),
      );
      return ours === theirs ? [] : [`${formatConfig(config)}\n    ${ours}\n    ${theirs}`];
    }),
  );
  return texts.flat();
};

/** An observation without what is never the same twice, as text: times, memory, and frames of the program that traces. */
const factsOf = (observation: Observation | undefined): string => {
  if (observation === undefined) return 'none';
  const { phases, peakBytes: _peak, stop, usageStops = [], ...facts } = observation;
  const stops = [stop ?? [], usageStops].flat().map(looksOf);
  return canonicalJson({ ...facts, stops, phases: phases.map(({ name }) => name) });
};

const looksOf = ({ kind, phase, rank, exception }: Stop): unknown => ({
  kind,
  phase,
  rank,
  exception: { ...exception, frames: exception?.frames.filter(({ file }) => file.startsWith('peft/')) },
});
