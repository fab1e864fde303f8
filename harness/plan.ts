import { canonicalConfig, type Config } from '../matrices/config.ts';
import type { Catalogue } from '../matrices/catalogue.ts';
import { type Explain, explainer, type Feasibility } from '../matrices/explain.ts';
import { matrixAxes, type Matrix } from '../matrices/matrix.ts';
import { normalise } from '../matrices/normalise.ts';
import { allProperties } from '../properties/all.ts';
import { configArbitrary } from '../properties/config-arbitrary.ts';
import { coveringArray, type CoveringArray } from '../properties/covering.ts';
import { requiredReferences } from '../properties/judge.ts';
import { randomConfigs } from '../properties/random-configs.ts';
import { nextOlderRelease, placeReference, type BaselineOf } from './baseline.ts';
import type { ReadyPin } from './cell.ts';
import { subjectOf } from './subject.ts';

/** A run that a campaign wants. */
export interface PlannedRun {
  readonly ready: ReadyPin;
  readonly config: Config;
  /** 0, or 1 for the second run of a cell that is to give the same numbers twice. */
  readonly attempt: number;
  /** The pin whose checkpoint of the same config is read, in place of training. Such a run is no cell of the matrix. */
  readonly reads?: ReadyPin;
  /** A `reference` serves a covering cell; a `repeat` shows no combination that the first run did not. */
  readonly part: 'covering' | 'random' | 'reference' | 'repeat';
}

/** A config of the matrix that a pin cannot run, and why. */
export interface Excluded {
  readonly ready: ReadyPin;
  readonly config: Config;
  readonly because: Exclude<Feasibility, { readonly kind: 'feasible' }>;
}

/** A pure function of matrix, seed, data, and what the pins offer. */
export interface Plan {
  readonly runs: readonly PlannedRun[];
  readonly excluded: readonly Excluded[];
  /** Covering runs, their references and second runs for which the budget of cells has no room. */
  readonly cut: readonly PlannedRun[];
  /** Of the combinations of values, over all pins. */
  readonly coverage: { readonly combinations: number; readonly impossible: number };
}

/**
 * Plans every pin: first the configs that cover the combinations, those that cover most first, then random ones as far
 * as the budget of cells goes, which the pins share evenly. Cells that only read what others of the plan wrote are beside
 * it: they are small, and never more than those.
 */
export const planCampaign = (matrix: Matrix, catalogue: Catalogue, pins: readonly ReadyPin[]): Plan => {
  const ground = groundOf(catalogue, pins);
  const plans = pins.map((ready, index) =>
    planPin(matrix, ground, ready, shareOf(matrix.budget.cells, pins.length, index)),
  );
  // What one pin is compared with may be a cell of another.
  const runs = withoutRepetition([
    ...plans.flatMap(({ covering }) => covering),
    ...plans.flatMap(({ random }) => random),
  ]);
  const planned = new Set(runs.map(runKey));
  return {
    runs: [...runs, ...readings(ground, runs)],
    excluded: plans.flatMap(({ excluded }) => excluded),
    cut: withoutRepetition(plans.flatMap(({ cut }) => cut)).filter((run) => !planned.has(runKey(run))),
    coverage: {
      combinations: sum(plans.map(({ array }) => array.combinations)),
      impossible: sum(plans.map(({ array }) => array.impossible.length)),
    },
  };
};

/** What a plan is made on, beside matrix and pin. */
export interface Ground {
  readonly catalogue: Catalogue;
  readonly baselineOf: BaselineOf;
  /** One for each pin: they are asked many thousand times for one plan. */
  readonly explainOn: (ready: ReadyPin) => Explain;
}

export const groundOf = (catalogue: Catalogue, pins: readonly ReadyPin[]): Ground => {
  const explainers = new Map(pins.map((ready) => [ready, explainer(catalogue, ready.hello)]));
  return {
    catalogue,
    baselineOf: nextOlderRelease(pins),
    explainOn: (ready) => explainers.get(ready) ?? explainer(catalogue, ready.hello),
  };
};

interface PinPlan extends Pick<Plan, 'excluded' | 'cut'> {
  readonly array: CoveringArray;
  readonly covering: readonly PlannedRun[];
  readonly random: readonly PlannedRun[];
}

const planPin = (matrix: Matrix, ground: Ground, ready: ReadyPin, budget: number): PinPlan => {
  const { array, runs } = coverPin(matrix, ground, ready);
  const covering = withoutRepetition(runs);
  const room = Math.min(matrix.budget.random ?? budget, Math.max(0, budget - covering.length));
  return {
    array,
    covering: covering.slice(0, budget),
    random: [...randomRuns(matrix, ground, ready, array.configs, covering).take(room)],
    cut: covering.slice(budget),
    excluded: excludedOf(ground, ready, array),
  };
};

const coverPin = (
  matrix: Matrix,
  ground: Ground,
  ready: ReadyPin,
): { readonly array: CoveringArray; readonly runs: readonly PlannedRun[] } => {
  const { catalogue } = ground;
  const axes = matrixAxes(catalogue.axes, matrix);
  const feasible = accepts(ground.explainOn(ready));
  const array = coverStages(matrix, catalogue, feasible);
  const twice = coveringArray(axes, feasible, { strength: 1, seed: matrix.seed }).configs;
  return {
    array,
    runs: [
      ...array.configs.flatMap((config) => withReferences(ground, ready, config, 'covering')),
      ...twice.flatMap((config) => [
        ...withReferences(ground, ready, config, 'covering'),
        { ready, config, attempt: 1, part: 'repeat' as const },
      ]),
    ],
  };
};

/** The parts that the matrix wants first, then the whole, of which they are a beginning. */
const coverStages = (matrix: Matrix, { axes }: Catalogue, feasible: (config: Config) => boolean): CoveringArray => {
  const { strength, seed, stages = [] } = matrix;
  const first: Config[] = [];
  for (const stage of stages) {
    const part = matrixAxes(axes, { axes: { ...matrix.axes, ...stage } });
    first.push(...coveringArray(part, feasible, { strength, seed, already: first }).configs);
  }
  const whole = coveringArray(matrixAxes(axes, matrix), feasible, { strength, seed, already: first });
  return { ...whole, configs: [...first, ...whole.configs] };
};

/** Random configs with their references, drawn as they are taken; nothing twice, and nothing that is `planned` already. */
const randomRuns = (
  matrix: Matrix,
  ground: Ground,
  ready: ReadyPin,
  covered: readonly Config[],
  planned: readonly PlannedRun[],
): IteratorObject<PlannedRun> => {
  // Nothing covers a pin that can run nothing of the matrix.
  if (covered.length === 0) return Iterator.from([]);
  const { axes } = ground.catalogue;
  const listed = matrixAxes(axes, matrix);
  const arbitrary = configArbitrary(axes, accepts(ground.explainOn(ready)), listed);
  const known = new Set(planned.map(runKey));
  return randomConfigs(arbitrary, { axes: listed, seed: matrix.seed, exclude: covered })
    .flatMap((config) => withReferences(ground, ready, config, 'random'))
    .filter((run) => {
      const isNew = !known.has(runKey(run));
      known.add(runKey(run));
      return isNew;
    });
};

/** A run and the first runs that its judgement needs beside it; the references first, they are the simpler ones. */
const withReferences = (
  ground: Ground,
  ready: ReadyPin,
  config: Config,
  part: 'covering' | 'random',
): readonly PlannedRun[] => {
  const runs = referencesOf(ground, ready, config).flatMap(({ attempt, reads, ...place }) =>
    attempt === 0 && reads === undefined
      ? [{ ...place, attempt, part: part === 'random' ? part : ('reference' as const) }]
      : [],
  );
  return [...runs, { ready, config, attempt: 0, part }];
};

/** What reads the checkpoints that cells of the plan write, for every cell whose counterpart on the baseline is planned too. */
const readings = (ground: Ground, runs: readonly PlannedRun[]): readonly PlannedRun[] => {
  const planned = new Set(runs.map(runKey));
  const compared = runs.filter(({ ready }) => ground.baselineOf(ready) !== undefined);
  const all = compared.flatMap(({ ready, config, part }) =>
    referencesOf(ground, ready, config).flatMap((run) =>
      run.reads !== undefined && planned.has(runKey({ ready: run.reads, config: run.config, attempt: run.attempt }))
        ? [{ ...run, part: part === 'random' ? part : ('reference' as const) }]
        : [],
    ),
  );
  return withoutRepetition(all);
};

/** The runs that a cell is compared with, on the pins where they are. */
export const referencesOf = (
  { catalogue, baselineOf, explainOn }: Ground,
  ready: ReadyPin,
  config: Config,
): readonly Omit<PlannedRun, 'part'>[] => {
  const feasible = (chosen: Config, on: ReadyPin): boolean => accepts(explainOn(on))(chosen);
  const references = requiredReferences(subjectOf(catalogue, config, ready.hello.versions), {
    properties: allProperties,
    normalise: (chosen) => normalise(catalogue.axes, chosen),
  });
  return references.flatMap((reference) => {
    const place = placeReference(reference, ready, baselineOf, feasible);
    return place === undefined ? [] : [{ ...place, config: reference.config, attempt: reference.attempt }];
  });
};

/** Whether a pin can run a config at all. */
export const isFeasible = (catalogue: Catalogue, { hello }: ReadyPin): ((config: Config) => boolean) =>
  accepts(explainer(catalogue, hello));

const accepts =
  (explain: Explain) =>
  (config: Config): boolean =>
    explain(config).kind === 'feasible';

/** The first of equal runs stays, under the part that matters most. */
const withoutRepetition = (runs: readonly PlannedRun[]): readonly PlannedRun[] => {
  const first = new Map<string, PlannedRun>();
  for (const run of runs) {
    const key = runKey(run);
    const known = first.get(key);
    first.set(
      key,
      known?.part === 'reference' && run.part === 'covering' ? { ...known, part: run.part } : (known ?? run),
    );
  }
  return [...first.values()];
};

/** The same for runs that are the same, whatever they are for. */
const runKey = ({ ready, reads, attempt, config }: Omit<PlannedRun, 'part'>): string =>
  `${ready.pin.id} ${reads?.pin.id ?? ''} ${attempt} ${canonicalConfig(config)}`;

/** One config for every value or pair that cannot be: what the report says of what is not offered. */
const excludedOf = ({ catalogue, explainOn }: Ground, ready: ReadyPin, array: CoveringArray): readonly Excluded[] =>
  array.impossible.flatMap((part) => {
    const config = normalise(catalogue.axes, part);
    const because = explainOn(ready)(config);
    return because.kind === 'feasible' ? [] : [{ ready, config, because }];
  });

const shareOf = (total: number, parts: number, index: number): number =>
  Math.floor(total / parts) + (index < total % parts ? 1 : 0);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
