import type { Executor } from '../containers/executor.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import { allProperties } from '../properties/all.ts';
import type { OnEvent } from '../reports/events.ts';
import type { ReadyPin } from './cell.ts';
import type { FailureRecord } from './failure-record.ts';
import { judgeConfig } from './judge-config.ts';
import { Ledger } from './ledger.ts';
import { openLaboratory } from './open-laboratory.ts';
import type { PinPool } from './pin-pool.ts';
import { readyPin } from './ready-pins.ts';
import { subjectOf } from './subject.ts';

/** What running a failure again came to. */
export type Replayed =
  | { readonly kind: 'same' | 'other'; readonly detail: string }
  | { readonly kind: 'passes' }
  | { readonly kind: 'broken'; readonly reason: string };

export interface ReplayOptions {
  readonly catalogue: Catalogue;
  readonly executor: Executor;
  /** In processes that imported nothing beforehand. */
  readonly cold: boolean;
  readonly onEvent: OnEvent;
  readonly stop: AbortSignal;
}

/** Runs the minimal cell of a failure, and the cells that it is compared with, now: nothing comes from a ledger. */
export const replay = async (record: FailureRecord, options: ReplayOptions): Promise<Replayed> => {
  const { stop, onEvent } = options;
  using fresh = new Ledger(':memory:');
  await using open = openLaboratory({ ...options, ledger: fresh, abort: stop });
  const state = await readyPin(record.pin, open.pool, fresh, onEvent);
  if (state.kind === 'broken' || state.kind === 'skipped') return { kind: 'broken', reason: state.reason };
  if (state.kind === 'import-failed') {
    const kind =
      record.signature.phase === 'import' && record.signature.exception === state.failure.type ? 'same' : 'other';
    return { kind, detail: `${state.failure.type}: ${state.failure.message}` };
  }
  if (record.signature.phase === 'import') return { kind: 'passes' };
  const baseline = await openBaseline(record, state.ready, open.pool, fresh, options);
  const laboratory = { ...open.laboratory, baselineOf: () => baseline };
  const { verdict, violations } = await judgeConfig(laboratory, state.ready, record.config, {
    properties: allProperties.filter(({ id }) => id === record.signature.property || id === 'runs'),
    by: open.laboratory.run,
    attempt: { number: 0, cold: options.cold },
  });
  if (verdict.kind === 'broken') return verdict;
  const same = violations.find(({ signatureId }) => signatureId === record.signatureId);
  const [first] = violations;
  if (same !== undefined) return { kind: 'same', detail: `${same.signature.exception}: ${same.detail}` };
  return first === undefined
    ? { kind: 'passes' }
    : { kind: 'other', detail: `${first.signature.exception}: ${first.detail}` };
};

/** The other release, where the property compares with one. */
const openBaseline = async (
  { baseline, config, signature }: FailureRecord,
  { hello }: ReadyPin,
  pool: PinPool,
  ledger: Ledger,
  { catalogue, onEvent }: ReplayOptions,
): Promise<ReadyPin | undefined> => {
  const subject = subjectOf(catalogue, config, hello.versions);
  const references = allProperties.find(({ id }) => id === signature.property)?.references?.(subject) ?? {};
  if (baseline === undefined || !Object.values(references).some(({ pin }) => pin === 'baseline')) return undefined;
  const state = await readyPin(baseline, pool, ledger, onEvent);
  return state.kind === 'ready' ? state.ready : undefined;
};
