import { join } from 'node:path';
import { isFeasible, planCampaign } from '../harness/plan.ts';
import type { Axis } from '../matrices/axis.ts';
import { loadMatrix, type Matrix, matrixAxes } from '../matrices/matrix.ts';
import { coveringArray } from '../properties/covering.ts';
import type { BenchPin } from './bench-pin.ts';
import { markdownTable, seconds, type Section } from './section.ts';
import { say } from './say.ts';
import { summarise } from './statistics.ts';

const fullMatrix = join(import.meta.dirname, '../matrices/full.yaml');

/** What planning costs, on one pin. */
export const measurePlanning = async (bench: BenchPin, rounds: number): Promise<Section> => {
  const { catalogue, matrix, pin, hello } = bench;
  const full = await loadMatrix(fullMatrix, catalogue);
  const feasible = isFeasible(catalogue, { pin, hello });
  const quick = matrixAxes(catalogue.axes, matrix);
  const cover = (axes: readonly Axis[], strength: 1 | 2 | 3) => () => {
    const { configs, combinations, impossible } = coveringArray(axes, feasible, { strength, seed: matrix.seed });
    return { configs: configs.length, combinations: combinations - impossible.length };
  };
  const plan = (planned: Matrix) => () => {
    const { runs, coverage } = planCampaign(planned, catalogue, [{ pin, hello }]);
    return { configs: runs.length, combinations: coverage.combinations - coverage.impossible };
  };
  const quickOf = (cells: number, strength: 1 | 2 | 3): Matrix => ({
    ...matrix,
    strength,
    budget: { ...matrix.budget, cells },
  });
  const works = {
    'quick.yaml, every pair': cover(quick, 2),
    'quick.yaml, every triple': cover(quick, 3),
    'whole catalogue, every pair': cover(catalogue.axes, 2),
    'plan of 200 cells, with references and random ones': plan(quickOf(200, 2)),
    'plan of 800 cells, with references and random ones': plan(quickOf(800, 3)),
    'plan of full.yaml, with references': plan(full),
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
    text: 'The covering array over what one pin offers; the last three are whole plans of a campaign.',
    table: markdownTable(['', 'combinations that can be', 'configs or runs', 'time'], rows),
    targets: [],
  };
};
