import type { ReadyPin } from '../../harness/cell.ts';
import { planCampaign, type PlannedRun } from '../../harness/plan.ts';
import type { Catalogue } from '../../matrices/catalogue.ts';
import { canonicalConfig, type AxisValue } from '../../matrices/config.ts';

type Values = Readonly<Record<string, readonly AxisValue[]>>;

/** A run that mutants are put to. */
export type MutantRun = Pick<PlannedRun, 'config' | 'attempt'>;

/**
 * The cells that mutants are put to, in the order in which they are tried: every method alone, then LoRA's options and
 * the other methods' own, then other models, then several ranks. Second runs of a cell come last. All are planned by the
 * planner of campaigns; none is made for a mutant.
 */
export const planCells = (catalogue: Catalogue, ready: ReadyPin): readonly MutantRun[] => {
  const runs = matricesOf(catalogue).flatMap(({ name, strength, axes }) =>
    planCampaign({ name, pins: [], axes, strength, seed: 1, budget: { cells: 10_000, minutes: 1 } }, catalogue, [
      ready,
    ]).runs.filter(({ part }) => part !== 'random'),
  );
  const distinct = new Map(runs.map((run) => [`${run.attempt} ${canonicalConfig(run.config)}`, run]));
  return [...distinct.values()].toSorted((left, right) => costOf(left) - costOf(right));
};

interface Part {
  readonly name: string;
  readonly strength: 1 | 2;
  readonly axes: Values;
}

const matricesOf = (catalogue: Catalogue): readonly Part[] => {
  const adapters = catalogue.adapters.map(({ name }) => name).filter((name) => name !== 'none');
  const models = catalogue.models.map(({ name }) => name);
  const all = (select: (adapters: readonly AxisValue[]) => boolean): Values =>
    Object.fromEntries(
      catalogue.axes.flatMap(({ name, values, applies }) =>
        applies?.['adapter'] !== undefined && select(applies['adapter']) ? [[name, values]] : [],
      ),
    );
  const sharded = ['ddp', 'fsdp1', 'fsdp2'];
  return [
    { name: 'methods', strength: 2, axes: { adapter: adapters, precision: ['fp32', 'bf16'] } },
    { name: 'lora', strength: 2, axes: { adapter: ['lora', 'dora'], rank: [4, 3], ...all(isLora) } },
    { name: 'options', strength: 1, axes: { adapter: adapters, rank: [3, 8], ...all((each) => !isLora(each)) } },
    {
      name: 'models',
      strength: 2,
      axes: { adapter: ['lora', 'dora'], model: models, targets: ['attention', 'all-linear'] },
    },
    {
      name: 'methods-on-models',
      strength: 1,
      axes: { adapter: adapters, model: models, targets: ['mlp', 'all-linear'] },
    },
    { name: 'ranks', strength: 2, axes: { adapter: ['lora', 'dora', 'vera'], sharding: sharded } },
  ];
};

const isLora = (owners: readonly AxisValue[]): boolean => owners.includes('lora');

const costOf = ({ config, attempt }: MutantRun): number =>
  (config['sharding'] === 'none' ? 0 : 1) + (attempt === 0 ? 0 : 2);
