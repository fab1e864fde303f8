import type { Catalogue } from '../matrices/catalogue.ts';
import { canonicalConfig, type AxisValue, type Config } from '../matrices/config.ts';
import type { Matrix } from '../matrices/matrix.ts';
import { minimalForm } from '../matrices/normalise.ts';
import type { CellVerdict, Evidence, Reason, Verdicts } from '../reports/verdicts-model.ts';
import type { Survey } from './survey.ts';
import type { ReadyPin } from './cell.ts';
import { cutCells, noRoom } from './cut-cells.ts';
import { failureId } from './failure-id.ts';
import type { Judged } from './judge-config.ts';
import type { StagedFailure } from './judge-stages.ts';
import { ranksOf } from './laboratory.ts';
import { Table } from './table.ts';
import { describeReason } from './unsupported-reason.ts';
import { withoutUnconfirmed } from './without-unconfirmed.ts';

/** What the verdicts of a campaign are made from. */
interface VerdictsInput extends Pick<Survey, 'id' | 'plan' | 'judged' | 'isComplete'> {
  readonly matrix: Matrix;
  readonly catalogue: Catalogue;
  readonly failures: readonly StagedFailure[];
}

/** What every cell of a campaign came to, each config on each pin once. */
export const makeVerdicts = (input: VerdictsInput): Verdicts => {
  const { catalogue, id } = input;
  const evidence = new Table<Evidence>();
  const reasons = new Table<Reason>();
  const cells = toldOnce(findingsOf(input)).map(({ ready, config, verdict, failures, reason, rule, place }) => ({
    pin: ready.pin.id,
    config: minimalForm(catalogue.axes, config),
    verdict,
    ...(failures.length === 0 ? {} : { failures }),
    ...(reason === undefined ? {} : { reason: reasons.indexOf(describeReason(catalogue, reason, rule)) }),
    evidence: evidence.indexOf({ device: ready.hello.device, ...(place ?? usualPlace(ready, config)) }),
  }));
  const defaults = Object.fromEntries(
    catalogue.axes.flatMap(({ name, values: [value] }): [string, AxisValue][] =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  return {
    version: 1,
    campaign: id,
    defaults,
    evidence: evidence.items,
    reasons: reasons.items,
    cells,
  };
};

/** What one cell came to. */
interface Finding {
  readonly ready: ReadyPin;
  readonly config: Config;
  readonly verdict: CellVerdict['verdict'];
  readonly failures: readonly string[];
  readonly reason?: string;
  readonly rule?: string | undefined;
  readonly place?: Pick<Evidence, 'backend' | 'ranks'> | undefined;
}

const findingsOf = (input: VerdictsInput): readonly Finding[] => {
  const { plan, matrix, isComplete } = input;
  const shown = failuresOfCells(input.failures);
  const failuresAt = (ready: ReadyPin, config: Config): readonly string[] => shown.get(cellName(ready, config)) ?? [];
  return [
    ...withoutUnconfirmed(input).map((cell) => judgedCell(cell, failuresAt(cell.ready, cell.config))),
    ...plan.excluded.map(({ ready, config, because }): Finding => {
      if (because.kind === 'removed') return { ready, config, verdict: 'fail', failures: failuresAt(ready, config) };
      return { ready, config, verdict: because.kind, failures: [], reason: because.because, rule: because.rule };
    }),
    ...cutCells(plan).map(({ ready, config }): Finding => ({
      ready,
      config,
      verdict: 'skipped',
      failures: [],
      reason: noRoom(matrix, isComplete),
    })),
  ];
};

const judgedCell = ({ ready, config, verdict, refused, place }: Judged, failures: readonly string[]): Finding => ({
  ready,
  config,
  verdict: verdict.kind,
  failures: verdict.kind === 'fail' ? failures : [],
  ...('reason' in verdict ? { reason: verdict.reason } : {}),
  ...(verdict.kind === 'unsupported' ? { rule: refused[0] } : {}),
  place,
});

/** Ids of the failures that each cell shows, by the cell's name. */
const failuresOfCells = (failures: readonly StagedFailure[]): ReadonlyMap<string, readonly string[]> => {
  const shown = new Map<string, string[]>();
  for (const failure of failures) {
    if (failure.confirmed === 'no') continue;
    for (const { ready, config } of failure.cells) {
      const name = cellName(ready, config);
      shown.set(name, [...new Set([...(shown.get(name) ?? []), failureId(failure.minimal)])]);
    }
  }
  return shown;
};

/** The first finding of a cell counts: several values that cannot be may make the same config. */
const toldOnce = (findings: readonly Finding[]): readonly Finding[] => {
  const first = new Map<string, Finding>();
  for (const finding of findings) {
    const name = cellName(finding.ready, finding.config);
    if (!first.has(name)) first.set(name, finding);
  }
  return [...first.values()];
};

const cellName = ({ pin }: ReadyPin, config: Config): string => `${pin.id} ${canonicalConfig(config)}`;

/** Where a cell would run that gave no observation. */
const usualPlace = ({ hello: { device } }: ReadyPin, config: Config): Pick<Evidence, 'backend' | 'ranks'> => {
  const ranks = ranksOf(config);
  if (ranks === 1) return { ranks, backend: 'none' };
  return { ranks, backend: device === 'cuda' ? 'nccl' : 'gloo' };
};
