import type { Axis } from '../matrices/axis.ts';
import { loadCatalogue } from '../matrices/catalogue.ts';
import type { AxisValue, Config } from '../matrices/config.ts';
import { minimalForm, normalise } from '../matrices/normalise.ts';
import { seededDraw } from '../properties/seeded-random.ts';
import { formatReportJson } from '../reports/report-json.ts';
import { noCells } from '../reports/no-cells.ts';
import type { Failure, Report } from '../reports/report-model.ts';
import { formatVerdicts, type CellVerdict, type Verdicts } from '../reports/verdicts-model.ts';
import { ResultsFolder } from '../harness/results-folder.ts';

const releases = ['0.21.2', '0.20.0', '0.19.1', '0.18.1'] as const;

/** Axes of many values; what a cell has else is drawn from all of them. */
const rarely = 4;

/** A config that the catalogue allows. */
export const drawConfig = (axes: readonly Axis[], draw: (count: number) => number): Config => {
  const pick = (values: readonly AxisValue[]): AxisValue => values[draw(values.length)] ?? '';
  const chosen = axes.flatMap(({ name, values }): [string, AxisValue][] => {
    const first = values[0];
    if (first === undefined) return [];
    const always = ['adapter', 'sharding', 'precision', 'model', 'rank'].includes(name);
    return [[name, always || draw(rarely) === 0 ? pick(values) : first]];
  });
  return normalise(axes, Object.fromEntries(chosen));
};

/**
 * Writes campaigns as they are kept in a results folder: cells of configs that the catalogue allows, on four releases, of
 * which one in ten fails. Their ids are `night-00000`, `night-00001`, ...
 */
export const writeHistory = async (path: string, campaigns: number, cells: number): Promise<void> => {
  const results = new ResultsFolder(path);
  await results.create();
  const { axes } = await loadCatalogue();
  const draw = seededDraw(20_261_126);
  const someConfig = (): Config => minimalForm(axes, drawConfig(axes, draw));
  for (let night = 0; night < campaigns; night++) {
    const id = `night-${String(night).padStart(5, '0')}`;
    const told = Array.from({ length: cells }, (_, index): CellVerdict => {
      const config = someConfig();
      const failing = draw(10) === 0;
      return {
        pin: `peft-${releases[index % releases.length] ?? ''}`,
        config,
        verdict: failing ? 'fail' : 'pass',
        ...(failing ? { failures: [failureIds[draw(failureIds.length)] ?? ''] } : {}),
        evidence: config['sharding'] === undefined ? 0 : 1,
      };
    });
    const verdicts: Verdicts = {
      version: 1,
      campaign: id,
      defaults: Object.fromEntries(
        axes.flatMap(({ name, values: [first] }) => (first === undefined ? [] : [[name, first]])),
      ),
      evidence: [
        { device: 'cpu', backend: 'none', ranks: 1 },
        { device: 'cpu', backend: 'gloo', ranks: 2 },
      ],
      reasons: [],
      cells: told,
    };
    await results.publish(id, {
      'report.json': formatReportJson(reportOf(id, night, told)),
      'verdicts.json': formatVerdicts(verdicts),
    });
  }
};

const failureIds = Array.from({ length: 40 }, (_, index) => (0x12345678 + index).toString(16));

const reportOf = (id: string, night: number, cells: readonly CellVerdict[]): Report => {
  const at = new Date(Date.UTC(2026, 0, 1 + night)).toISOString();
  const versions = { python: '3.11.7', torch: '2.13.0+cpu', transformers: '5.23.0', numpy: '2.4.6' };
  return {
    version: 1,
    campaign: {
      id,
      matrix: 'night',
      seed: night,
      strength: 2,
      executor: 'local',
      startedAt: at,
      finishedAt: at,
      complete: true,
      ran: cells.length,
      reused: 0,
    },
    pins: releases.map((peft) => ({
      id: `peft-${peft}`,
      device: 'cpu',
      versions: { ...versions, peft },
      lock: '0123456789ab',
      counts: { ...noCells, cells: cells.length / releases.length },
    })),
    counts: { ...noCells, cells: cells.length },
    coverage: { combinations: 1, impossible: 0, covered: 1 },
    failures: failureIds.map(failureNamed),
    flaky: [],
    unsupported: {},
    skipped: {},
    broken: {},
    expectations: [],
    refusals: [],
  };
};

const failureNamed = (id: string): Failure => ({
  id,
  signature: `${id}0000`,
  property: 'runs',
  phase: 'train',
  exception: 'RuntimeError',
  message: `something of ${id} broke`,
  frames: ['peft/tuners/lora/layer.py:forward'],
  detail: '',
  pins: releases.map((peft) => `peft-${peft}`),
  cells: 100,
  minimal: { adapter: 'lora' },
  config: { adapter: 'lora' },
  fails: {},
  replay: `npx peft-matrix replay ${id}`,
  confirmed: 'yes',
});
