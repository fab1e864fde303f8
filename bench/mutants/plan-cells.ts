import type { ReadyPin } from '../../harness/cell.ts';
import { planCampaign, type PlannedRun } from '../../harness/plan.ts';
import type { Catalogue } from '../../matrices/catalogue.ts';
import { canonicalConfig, type AxisValue } from '../../matrices/config.ts';

type Values = Readonly<Record<string, readonly AxisValue[]>>;

/** A run that mutants are put to. */
export type MutantRun = Pick<PlannedRun, 'config' | 'attempt'>;

/**
 * The cells that mutants are put to, in the order in which they are tried: every method alone with each value of its
 * options, together and one at a time, then LoRA's options, other kinds of layers, less precision, then several ranks.
 * Second runs of a cell come last. All are planned by the planner of campaigns; none is made for a mutant.
 */
export const planCells = (catalogue: Catalogue, ready: ReadyPin): readonly MutantRun[] => {
  const runs = matricesOf(catalogue).flatMap(({ name, strength, axes, twice }) => {
    // Without a budget there are no random configs, and all that covers is what had no room.
    const matrix = { name, pins: [], axes, strength, seed: 1, budget: { cells: 0, minutes: 1 } };
    const { cut } = planCampaign(matrix, catalogue, [ready]);
    return [...cut, ...(twice ? cut.map((run) => ({ ...run, attempt: 1 })) : [])];
  });
  const distinct = new Map(runs.map((run) => [`${run.attempt} ${canonicalConfig(run.config)}`, run]));
  return [...distinct.values()].toSorted((left, right) => costOf(left) - costOf(right));
};

interface Part {
  readonly name: string;
  readonly strength: 1 | 2;
  readonly axes: Values;
  /** Whether its cells are run a second time, with another seed of hashes. */
  readonly twice: boolean;
}

const matricesOf = (catalogue: Catalogue): readonly Part[] => {
  const adapter = catalogue.adapters.map(({ name }) => name).filter((name) => name !== 'none');
  const model = catalogue.models.map(({ name }) => name);
  const options = Object.fromEntries(
    catalogue.axes.flatMap(({ name, values, applies }) => (applies?.['adapter'] === undefined ? [] : [[name, values]])),
  );
  const lora = Object.fromEntries(
    catalogue.axes.flatMap(({ name, values, applies }) => (isLora(applies?.['adapter']) ? [[name, values]] : [])),
  );
  return [
    {
      name: 'methods',
      strength: 1,
      axes: { adapter, rank: [4, 1, 3], targets: ['attention', 'mlp'], ...options },
      twice: false,
    },
    // One option at a time shows what is hidden where another fails or leaves its layers alone.
    ...catalogue.adapters.flatMap(({ name, options: own }) =>
      own.map((option) => ({
        name: `${name}/${option.name}`,
        strength: 1 as const,
        axes: { adapter: [name], [option.name]: option.values },
        twice: false,
      })),
    ),
    // Ranks and sizes that do not divide one another: the inner layer is twice as wide.
    {
      name: 'sizes',
      strength: 2,
      axes: { adapter, rank: [3], targets: ['mlp'] },
      twice: false,
    },
    { name: 'options', strength: 1, axes: { adapter: ['lora', 'dora'], rank: [4, 3], ...lora }, twice: true },
    { name: 'layers', strength: 2, axes: { adapter, model: ['llama', 'gpt2', 'conv'] }, twice: false },
    { name: 'models', strength: 2, axes: { adapter: ['lora', 'dora'], model }, twice: false },
    { name: 'targets', strength: 1, axes: { adapter: ['lora'], model, targets: ['all-linear', 'mlp'] }, twice: false },
    {
      name: 'precision',
      strength: 2,
      axes: {
        adapter,
        precision: ['bf16'],
        targets: ['attention', 'embedding'],
        autocast_adapter_dtype: [true, false],
      },
      twice: false,
    },
    {
      name: 'ranks',
      strength: 1,
      axes: { adapter: ['lora', 'dora', 'vera'], sharding: ['ddp', 'fsdp1', 'fsdp2'] },
      twice: false,
    },
  ];
};

const isLora = (owners: readonly AxisValue[] | undefined): boolean => owners?.includes('lora') === true;

const costOf = ({ config, attempt }: MutantRun): number =>
  (config['sharding'] === 'none' ? 0 : 1) + (attempt === 0 ? 0 : 2);
