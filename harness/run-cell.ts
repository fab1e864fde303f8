import type PQueue from 'p-queue';
import type { CellResult } from '../containers/executor.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import { allProperties } from '../properties/all.ts';
import { runs } from '../properties/runs.ts';
import type { OnEvent } from '../reports/events.ts';
import type { Cell } from './cell.ts';
import { cellKey } from './cell-key.ts';
import { verdictAlone } from './judge-alone.ts';
import type { Ledger } from './ledger.ts';
import type { PinPool } from './pin-pool.ts';

/** Asks for one cell. The wrappers below add one policy each; the campaign composes them. */
export type Run = (cell: Cell, signal: AbortSignal) => Promise<CellResult>;

/** Runs a cell on the probe of its pin. */
export const runOnExecutor =
  (pool: PinPool): Run =>
  (cell, signal) =>
    pool.withPin(cell.ready.pin, cell.attempt, async (opened) => {
      const result: CellResult =
        opened.kind === 'open'
          ? await opened.pin.run(cell.request, signal)
          : { kind: 'broken', reason: opened.kind === 'import-failed' ? opened.failure.message : opened.reason };
      if (result.kind === 'broken') await pool.forget(cell.ready.pin, cell.attempt, opened);
      return unexplainedKillIsBroken(result);
    });

/** A SIGKILL that nothing explains says something about the machine, nothing about the cell. */
const unexplainedKillIsBroken = (result: CellResult): CellResult => {
  if (result.kind === 'broken' || result.observation.stop?.kind !== 'killed') return result;
  const { rank, phase } = result.observation.stop;
  return { kind: 'broken', reason: `rank ${rank} was killed in ${phase} and nothing says why` };
};

/** A broken cell is asked for again on a new probe: what could not be asked once may be a passing trouble. */
export const withRetry =
  (run: Run, times: number): Run =>
  async (cell, signal) => {
    let result = await run(cell, signal);
    for (let retry = 0; retry < times && result.kind === 'broken'; retry++) {
      result = await run(cell, signal);
    }
    return result;
  };

/** Tells when a cell starts and ends, and what it comes to by itself. */
export const withEvents =
  (run: Run, catalogue: Catalogue, onEvent: OnEvent, onRun: () => void): Run =>
  async (cell, signal) => {
    const { ready, config, reads } = cell;
    onEvent({ kind: 'cell-started', pin: ready.pin.id, config });
    const began = performance.now();
    const result = await run(cell, signal);
    const verdict =
      result.kind === 'broken'
        ? result
        : verdictAlone(catalogue, ready, config, result.observation, reads === undefined ? allProperties : [runs]);
    const ms = Math.round(performance.now() - began);
    onEvent({ kind: 'cell-finished', pin: ready.pin.id, config, verdict: verdict.kind, ms });
    onRun();
    return result;
  };

/** At most as many cells at once as the queue lets through. */
export const withQueue =
  (run: Run, queue: PQueue): Run =>
  (cell, signal) =>
    queue.add(() => run(cell, signal));

/** Once `stop` is aborted no further cell begins: the caller gets its reason. Cells that run go on. */
export const withStop =
  (run: Run, stop: AbortSignal): Run =>
  async (cell, signal) => {
    stop.throwIfAborted();
    return run(cell, signal);
  };

/** Why cells could not be asked, by cell: no fact, so the ledger does not have it, but the report tells it. */
export type BrokenCells = Map<string, string>;

/** Answers from the ledger, else runs and records. Two askers for the same cell share one run. */
export const withLedger = (run: Run, ledger: Ledger, broken: BrokenCells): Run => {
  const underWay = new Map<string, Promise<CellResult>>();
  const runAndRecord: Run = async (cell, signal) => {
    const result = await run(cell, signal);
    if (result.kind === 'observed') {
      ledger.record(cell.identity, cell.attempt, result.observation, result.provenance);
      broken.delete(attemptKey(cell));
    } else {
      broken.set(attemptKey(cell), result.reason);
    }
    return result;
  };
  return async (cell, signal) => {
    const known = fromLedger(ledger, cell);
    if (known !== undefined) return known;
    const key = attemptKey(cell);
    const shared = underWay.get(key) ?? runAndRecord(cell, signal).finally(() => underWay.delete(key));
    underWay.set(key, shared);
    return shared;
  };
};

/** Only what is known already: for judging what has been run. */
export const onlyLedger =
  (ledger: Ledger, broken: BrokenCells): Run =>
  (cell) => {
    const known = fromLedger(ledger, cell);
    return Promise.resolve(known ?? { kind: 'broken', reason: broken.get(attemptKey(cell)) ?? 'not run' });
  };

const attemptKey = ({ identity, attempt }: Cell): string => `${cellKey(identity)} ${attempt.number} ${attempt.cold}`;

const fromLedger = (ledger: Ledger, cell: Cell): CellResult | undefined => {
  const observation = ledger.find(cell.identity, cell.attempt);
  return observation && { kind: 'observed', observation, provenance: {} };
};
