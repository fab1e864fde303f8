import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { helloSchema } from '../containers/protocol.ts';
import { loadCatalogue, type Catalogue } from '../matrices/catalogue.ts';
import { canonicalConfig, containsConfig, formatConfig, type Config } from '../matrices/config.ts';
import { explain } from '../matrices/explain.ts';
import { loadMatrix, matrixAxes, type Matrix } from '../matrices/matrix.ts';
import { minimalForm, normalise } from '../matrices/normalise.ts';
import { coverageOf } from '../properties/combinations.ts';
import type { ReadyPin } from './cell.ts';
import { isFeasible, planCampaign, type PlannedRun } from './plan.ts';

/** What real environments said at their handshake. */
const readyPin = async (peft: string): Promise<ReadyPin> => {
  const text = await readFile(join(import.meta.dirname, 'fixtures', `hello-peft-${peft}.json`), 'utf8');
  const hello = helloSchema.shape.hello.parse(JSON.parse(text));
  return { pin: { id: `peft-${peft}`, device: 'cpu', source: { kind: 'interpreter', path: peft } }, hello };
};

let catalogue: Catalogue;
let quick: Matrix;
let newest: ReadyPin;
let oldest: ReadyPin;

beforeAll(async () => {
  catalogue = await loadCatalogue();
  quick = await loadMatrix(join(import.meta.dirname, '../matrices/quick.yaml'), catalogue);
  [newest, oldest] = await Promise.all([readyPin('0.21.2'), readyPin('0.18.1')]);
});

const nameOf = ({ ready, config, attempt, part, reads }: PlannedRun): string =>
  `${ready.pin.id} ${part} ${attempt} ${formatConfig(minimalForm(catalogue.axes, config))}${reads === undefined ? '' : ` reads ${reads.pin.id}`}`;

const isReading = ({ reads }: PlannedRun): boolean => reads !== undefined;

const withBudget = (cells: number, random = cells): Matrix => ({
  ...quick,
  budget: { ...quick.budget, cells, random },
});

describe('the plan of the quick matrix', () => {
  test('is the same for the same seed, and another for another', () => {
    const plan = planCampaign(quick, catalogue, [newest]).runs.map(nameOf);
    expect(planCampaign(quick, catalogue, [newest]).runs.map(nameOf)).toEqual(plan);
    expect(planCampaign({ ...quick, seed: 43 }, catalogue, [newest]).runs.map(nameOf)).not.toEqual(plan);
  });

  // Published reports refer to seeds: what seed 42 plans must not drift without a word in the changelog.
  test('is this one for seed 42', () => {
    const { runs, coverage, cut } = planCampaign(quick, catalogue, [newest]);
    expect({ ...coverage, cut: cut.length, first: runs.slice(0, 8).map(nameOf) }).toMatchInlineSnapshot(`
      {
        "combinations": 4915,
        "cut": 0,
        "first": [
          "peft-0.21.2 reference 0 model=gpt2 adapter=lora rank=3 targets=mlp",
          "peft-0.21.2 reference 0 model=gpt2 adapter=lora rank=3 targets=mlp sharding=fsdp1 wrap=none",
          "peft-0.21.2 reference 0 model=gpt2",
          "peft-0.21.2 covering 0 model=gpt2 adapter=lora rank=3 targets=mlp sharding=fsdp1 use_orig_params=false wrap=none",
          "peft-0.21.2 reference 0 adapter=dora rank=1 precision=bf16 gradient_checkpointing=true",
          "peft-0.21.2 reference 0 adapter=dora rank=1 gradient_checkpointing=true",
          "peft-0.21.2 reference 0 precision=bf16 gradient_checkpointing=true",
          "peft-0.21.2 covering 0 adapter=dora rank=1 precision=bf16 sharding=fsdp2 reshard_after_forward=false gradient_checkpointing=true",
        ],
        "impossible": 3546,
      }
    `);
  });

  test('covers every pair that a pin can run, and runs nothing that it cannot', () => {
    const { runs, coverage } = planCampaign(quick, catalogue, [newest]);
    const configs = runs.map(({ config }) => config);
    const shown = coverageOf(matrixAxes(catalogue.axes, quick), configs, quick.strength);
    expect(shown.covered + coverage.impossible).toBe(coverage.combinations);
    expect(configs.filter((config) => explain(catalogue, config, newest.hello).kind !== 'feasible')).toEqual([]);
  });

  test('runs the unsharded reference of every sharded cell, and runs nothing twice', () => {
    const { runs } = planCampaign(quick, catalogue, [newest]);
    const first = runs.filter(({ attempt }) => attempt === 0).map(({ config }) => canonicalConfig(config));
    const unsharded = new Set(
      runs.filter(({ config }) => config['sharding'] === 'none').map(({ config }) => config['adapter']),
    );
    expect(new Set(first).size).toBe(first.length);
    expect([...unsharded].map(String).toSorted((left, right) => (left < right ? -1 : 1))).toEqual([
      'dora',
      'lora',
      'none',
      'vera',
    ]);
  });

  test('runs nothing twice that is a cell of one pin and what another is compared with', () => {
    const { runs, cut } = planCampaign(withBudget(200), catalogue, [newest, oldest]);
    const keys = [...runs, ...cut].map(({ ready, config, attempt, reads }) =>
      [ready.pin.id, attempt, canonicalConfig(config), reads?.pin.id].join(' '),
    );
    expect(runs.some(({ part }) => part === 'reference')).toBe(true);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('repeats a cell for every single value, so that each is once seen to be reproducible', () => {
    const { runs } = planCampaign(quick, catalogue, [newest]);
    const repeated = runs.filter(({ attempt }) => attempt === 1);
    const values = new Set(
      repeated.flatMap(({ config }) => Object.entries(config).map(([name, value]) => `${name}=${value}`)),
    );
    const listed = Object.entries(quick.axes).flatMap(([name, all]) => all.map((value) => `${name}=${value}`));
    expect(listed.filter((value) => !values.has(value))).toEqual([]);
    expect(
      repeated.every(({ config }) =>
        runs.some((run) => run.attempt === 0 && canonicalConfig(run.config) === canonicalConfig(config)),
      ),
    ).toBe(true);
  });

  test('does not change for one pin when another joins', () => {
    const alone = planCampaign(withBudget(1_000), catalogue, [newest]).runs.filter(({ part }) => part !== 'random');
    const both = planCampaign(withBudget(1_000), catalogue, [oldest, newest]).runs.filter(
      (run) => run.part !== 'random' && !isReading(run),
    );
    expect(both.filter(({ ready }) => ready === newest).map(nameOf)).toEqual(alone.map(nameOf));
  });
});

describe('the budget of cells', () => {
  test('is a cap, and says what it cut off', () => {
    const whole = planCampaign(withBudget(10_000, 0), catalogue, [newest]).runs;
    const { runs, cut } = planCampaign(withBudget(30), catalogue, [newest]);
    expect(runs).toHaveLength(30);
    expect(runs.map(nameOf)).toEqual(whole.slice(0, 30).map(nameOf));
    expect(cut.map(nameOf)).toEqual(whole.slice(30).map(nameOf));
  });

  test('is filled up with random configs that are not planned already', () => {
    const { runs, cut } = planCampaign(withBudget(300), catalogue, [newest]);
    const names = runs.map(({ config, attempt }) => `${attempt} ${canonicalConfig(config)}`);
    expect(cut).toEqual([]);
    expect(runs).toHaveLength(300);
    expect(new Set(names).size).toBe(300);
  });

  test('is shared evenly by the pins', () => {
    const { runs } = planCampaign(withBudget(41), catalogue, [newest, oldest]);
    const trained = runs.filter((run) => !isReading(run));
    expect([newest, oldest].map((pin) => trained.filter(({ ready }) => ready === pin).length)).toEqual([21, 20]);
  });
});

describe('what the older release wrote', () => {
  test('is read by the newer one, for every unsharded fp32 cell of an adapter that both have in the plan', () => {
    const runs = planCampaign(quick, catalogue, [newest, oldest]).runs;
    const wanted = (pin: ReadyPin): readonly string[] =>
      runs
        .filter((run) => run.ready === pin && run.attempt === 0 && !isReading(run))
        .map(({ config }) => config)
        .filter(({ adapter, sharding, precision }) => adapter !== 'none' && sharding === 'none' && precision === 'fp32')
        .map(canonicalConfig);
    const both = new Set(wanted(newest)).intersection(new Set(wanted(oldest)));
    const readings = runs.filter(isReading);
    expect(readings.map(({ config }) => canonicalConfig(config)).toSorted()).toEqual([...both].toSorted());
    expect(both.size).toBeGreaterThan(20);
    expect(
      readings.every(({ ready, reads, part }) => ready === newest && reads === oldest && part !== 'covering'),
    ).toBe(true);
  });

  test('is not read where the stack around it is another', () => {
    const other = { ...oldest, hello: { ...oldest.hello, versions: { ...oldest.hello.versions, torch: '2.12.0' } } };
    expect(planCampaign(quick, catalogue, [newest, other]).runs.filter(isReading)).toEqual([]);
  });
});

const isAlone = ({ sharding, adapter }: Config): boolean => sharding === 'none' || adapter === 'none';

describe('the plan of the staged matrix', () => {
  test('has every method alone, then every sharding alone, then both', async () => {
    const staged = await loadMatrix(join(import.meta.dirname, '../matrices/staged.yaml'), catalogue);
    const { runs, coverage, cut } = planCampaign(staged, catalogue, [newest]);
    expect(cut).toEqual([]);
    const covering = runs.filter(({ part }) => part === 'covering').map(({ config }) => config);
    const alone = covering.slice(
      0,
      covering.findIndex((config) => !isAlone(config)),
    );
    const offered = (name: string, part: Config): readonly unknown[] =>
      catalogue.axes
        .find((axis) => axis.name === name)
        ?.values.filter((value) =>
          isFeasible(catalogue, newest)(normalise(catalogue.axes, { ...part, [name]: value })),
        ) ?? [];
    const shown = (name: string, part: Config): ReadonlySet<unknown> =>
      new Set(alone.filter((config) => containsConfig(config, part)).map((config) => config[name]));
    expect(shown('adapter', { sharding: 'none' })).toEqual(new Set(offered('adapter', { sharding: 'none' })));
    expect(shown('sharding', { adapter: 'none' })).toEqual(new Set(offered('sharding', { adapter: 'none' })));
    expect(alone.length).toBeLessThan(covering.length / 2);
    const axes = matrixAxes(catalogue.axes, staged);
    const { combinations, covered } = coverageOf(
      axes,
      runs.map(({ config }) => config),
      staged.strength,
    );
    expect(covered).toBe(combinations - coverage.impossible);
  });
});
