import { canonicalConfig, type Config } from '../../matrices/config.ts';
import { compareSimplicity } from '../../properties/order.ts';
import type { ReadyPin } from '../cell.ts';
import { ranksOf } from '../laboratory.ts';
import { groundOf, referencesOf, type Ground, type Plan, type PlannedRun } from '../plan.ts';
import type { Catalogue } from '../../matrices/catalogue.ts';

/** Runs that must be had on one machine: what is compared bit for bit, and a checkpoint with what reads it. */
interface Group {
  /** Of the runs that train; what reads their checkpoint is on another. */
  readonly ready: ReadyPin;
  readonly config: Config;
  readonly runs: PlannedRun[];
  /** In processes that train. */
  cost: number;
}

/**
 * Divides the runs of a plan. Every run is in exactly one part; the parts depend on the plan and their number alone.
 *
 * A part is a stretch of an order in which a pin's cells stand together, and each cell behind those that it is compared
 * with. So most parts need one environment or two, and most comparisons stay on one machine. All stretches cost the same,
 * to within one group.
 *
 * @param of - Number of parts, at least 1; with more parts than groups some are empty.
 * @returns The runs of each part, in the order of the plan.
 */
export const dividePlan = (
  { runs }: Pick<Plan, 'runs'>,
  catalogue: Catalogue,
  pins: readonly ReadyPin[],
  of: number,
): readonly (readonly PlannedRun[])[] => {
  const groups = inOrder(groupRuns(runs), groundOf(catalogue, pins), pins);
  const total = groups.reduce((sum, { cost }) => sum + cost, 0);
  const partOf = new Map<PlannedRun, number>();
  let before = 0;
  for (const { cost, runs: together } of groups) {
    // The part in which the middle of the group lies.
    const part = Math.min(of - 1, Math.floor(((before + cost / 2) * of) / total));
    for (const run of together) partOf.set(run, part);
    before += cost;
  }
  const parts = Map.groupBy(runs, (run) => partOf.get(run));
  return Array.from({ length: of }, (_, part) => parts.get(part) ?? []);
};

/** What only reads imports and loads, but trains nothing. */
const costOfReading = 0.5;

const groupRuns = (runs: readonly PlannedRun[]): ReadonlyMap<string, Group> => {
  const groups = new Map<string, Group>();
  for (const run of runs) {
    const ready = run.reads ?? run.ready;
    const key = keyOf(ready, run.config);
    const group = groups.get(key) ?? { ready, config: run.config, runs: [], cost: 0 };
    group.runs.push(run);
    group.cost += run.reads === undefined ? ranksOf(run.config) : costOfReading;
    groups.set(key, group);
  }
  return groups;
};

/** Pins as the matrix has them; within one, the tree of what is compared with what, depth first and simplest first. */
const inOrder = (groups: ReadonlyMap<string, Group>, ground: Ground, pins: readonly ReadyPin[]): readonly Group[] => {
  const simplicity = compareSimplicity(ground.catalogue.axes);
  const bySimplicity = (left: Group, right: Group): number => simplicity(left.config, right.config);
  const parentOf = (group: Group): Group | undefined =>
    referencesOf(ground, group.ready, group.config)
      .flatMap(({ ready, config }) => groups.get(keyOf(ready, config)) ?? [])
      .filter((other) => other.ready === group.ready && bySimplicity(other, group) < 0)
      .toSorted(bySimplicity)
      .at(-1);
  const children = Map.groupBy([...groups.values()].toSorted(bySimplicity), parentOf);
  const withChildren = (group: Group): readonly Group[] => [
    group,
    ...(children.get(group) ?? []).flatMap(withChildren),
  ];
  const roots = Map.groupBy(children.get(undefined) ?? [], ({ ready }) => ready);
  return pins.flatMap((ready) => (roots.get(ready) ?? []).flatMap(withChildren));
};

const keyOf = ({ pin }: ReadyPin, config: Config): string => `${pin.id} ${canonicalConfig(config)}`;
