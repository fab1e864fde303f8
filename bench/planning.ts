import { isFeasible, planCampaign } from '../harness/plan.ts';
import type { Axis } from '../matrices/axis.ts';
import { matrixAxes } from '../matrices/matrix.ts';
import { coveringArray } from '../properties/covering.ts';
import type { BenchPin } from './bench-pin.ts';
import { markdownTable, seconds, type Section } from './section.ts';
import { say } from './say.ts';
import { summarise } from './statistics.ts';

/** What planning costs, on one pin. */
export const measurePlanning = (bench: BenchPin, rounds: number): Section => {
  const { catalogue, matrix, pin, hello } = bench;
  const feasible = isFeasible(catalogue, { pin, hello });
  const quick = matrixAxes(catalogue.axes, matrix);
  const cover = (axes: readonly Axis[], strength: 1 | 2 | 3) => () => {
    const { configs, combinations, impossible } = coveringArray(axes, feasible, { strength, seed: matrix.seed });
    return { configs: configs.length, combinations: combinations - impossible.length };
  };
  const plan = (cells: number, strength: 1 | 2 | 3) => () => {
    const budget = { ...matrix.budget, cells };
    const planned = planCampaign({ ...matrix, strength, budget }, catalogue, [{ pin, hello }]);
    return { configs: planned.runs.length, combinations: planned.coverage.combinations - planned.coverage.impossible };
  };
  const works = {
    'quick.yaml, every pair': cover(quick, 2),
    'quick.yaml, every triple': cover(quick, 3),
    'whole catalogue, every pair': cover(catalogue.axes, 2),
    'whole catalogue, every triple': cover(catalogue.axes, 3),
    'plan of 200 cells, with references and random ones': plan(200, 2),
    'plan of 800 cells, with references and random ones': plan(800, 3),
  };
  const rows = Object.entries(works).map(([name, work]) => {
    say(`planning: ${name}`);
    const { configs, combinations } = work();
    const took = Array.from({ length: rounds }, () => {
      const began = performance.now();
      work();
      return performance.now() - began;
    });
    return [name, String(combinations), String(configs), seconds(summarise(took))];
  });
  return {
    title: 'Planning',
    text: 'The covering array over what one pin offers; the last two are whole plans of a campaign.',
    table: markdownTable(['', 'combinations that can be', 'configs or runs', 'time'], rows),
    targets: [],
  };
};
