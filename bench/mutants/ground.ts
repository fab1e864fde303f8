import type { Observation } from '../../containers/observation.ts';
import type { ReadyPin } from '../../harness/cell.ts';
import { neverAborted } from '../../harness/interruption.ts';
import { judgeConfig, type Judged } from '../../harness/judge-config.ts';
import { cellOf, type Laboratory } from '../../harness/laboratory.ts';
import type { Ledger } from '../../harness/ledger.ts';
import { openLaboratory, type OpenLaboratory } from '../../harness/open-laboratory.ts';
import { readyPin, type PinState } from '../../harness/ready-pins.ts';
import type { Run } from '../../harness/run-cell.ts';
import type { Catalogue } from '../../matrices/catalogue.ts';
import type { Config } from '../../matrices/config.ts';
import { allProperties } from '../../properties/all.ts';
import { checkpointCrossesReleases } from '../../properties/checkpoint-crosses-releases.ts';
import { mutantExecutor, mutantPin } from './mutant-executor.ts';
import type { Nursery, Order } from './nursery.ts';
import type { MutantRun } from './plan-cells.ts';

/** What all PEFTs of one `npm run mutants` share. */
export interface Ground {
  readonly catalogue: Catalogue;
  readonly ledger: Ledger;
  readonly python: string;
  readonly nurseries: readonly Nursery[];
}

/** A PEFT, with a fault or without, that cells can be put to. */
export interface Specimen extends AsyncDisposable {
  readonly state: PinState;
  readonly laboratory: Laboratory;
  /** Cells that were run. */
  readonly ran: () => number;
}

/** Opens a PEFT under a name of its own: versions are part of what the ledger knows a cell by. */
export const openSpecimen = async (
  { catalogue, ledger, python, nurseries }: Ground,
  name: string,
  order: Order,
  { parallel, baseline }: { readonly parallel: number; readonly baseline?: ReadyPin },
): Promise<Specimen> => {
  const open: OpenLaboratory = openLaboratory({
    catalogue,
    executor: mutantExecutor(nurseries, order, parallel),
    ledger,
    onEvent: () => {},
    stop: neverAborted,
    abort: neverAborted,
  });
  const state = await readyPin(mutantPin(name, python), open.pool, ledger, () => {});
  return {
    state: state.kind === 'ready' ? { ...state, ready: named(state.ready, name) } : state,
    laboratory: { ...open.laboratory, baselineOf: () => baseline },
    ran: open.ran,
    [Symbol.asyncDispose]: () => open[Symbol.asyncDispose](),
  };
};

const named = ({ pin, hello }: ReadyPin, name: string): ReadyPin => {
  const peft = `${hello.versions['peft'] ?? ''}+${name}`;
  return { pin, hello: { ...hello, versions: { ...hello.versions, peft } } };
};

/** Runs one run of the plan, with what it is compared with, and judges its cell by all that is known of it by then. */
export const judgeRun = async (laboratory: Laboratory, ready: ReadyPin, run: MutantRun): Promise<Judged> => {
  const { config, attempt } = run;
  if (attempt > 0)
    await laboratory.run(cellOf(laboratory, ready, config, { number: attempt, cold: false }), neverAborted);
  const by = attempt > 0 ? laboratory.lookUp : firstRunsOnly(laboratory);
  return judgeConfig(laboratory, ready, config, { properties, by });
};

/** All but the one that asks the baseline to write a checkpoint: it cannot be asked where faults are planted. */
const properties = allProperties.filter((property) => property !== checkpointCrossesReleases);

/** Second runs have their own place in the plan. */
const firstRunsOnly =
  ({ run, lookUp }: Laboratory): Run =>
  (cell, signal) =>
    cell.attempt.number === 0 ? run(cell, signal) : lookUp(cell, signal);

/** What the ledger holds of a run. */
export const observationOf = async (
  laboratory: Laboratory,
  ready: ReadyPin,
  config: Config,
  number: number,
): Promise<Observation | undefined> => {
  const result = await laboratory.lookUp(cellOf(laboratory, ready, config, { number, cold: false }), neverAborted);
  return result.kind === 'observed' ? result.observation : undefined;
};
