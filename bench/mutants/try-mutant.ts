import type { Violation } from '../../harness/find-failures.ts';
import { canonicalConfig, type Config } from '../../matrices/config.ts';
import type { Baseline } from './baseline.ts';
import { judgeRun, openSpecimen, type Ground } from './ground.ts';
import type { Mutant } from './mutant.ts';
import type { MutantRun } from './plan-cells.ts';

/** What gave a mutant away. */
interface Kill {
  readonly property: string;
  readonly phase: string;
  readonly message: string;
  /** Undefined when PEFT could not even be imported. */
  readonly config?: Config;
  /** Cells that had been run by then, those that it was compared with among them. */
  readonly cells: number;
}

/** What became of a mutant. */
export interface Fate {
  readonly mutant: Mutant;
  /** The first kill by a property that needs no other release. */
  readonly kill?: Kill;
  /** The first kill by the comparison with the release as it is, if that came before, or alone. */
  readonly released?: Kill;
  /** Cells that execute the line of the fault. */
  readonly reaching: number;
  /** Cells that were run. */
  readonly cells: number;
  readonly ms: number;
  /** What could not be asked, and why. */
  readonly broken: readonly string[];
}

/** The property that compares with the release as it is. */
const releaseProperty = 'agrees-with-release';

/** Puts a mutant to the runs that reach it, one after the other, until a property that needs no release sees it. */
export const tryMutant = async (ground: Ground, mutant: Mutant, baseline: Baseline): Promise<Fate> => {
  const began = performance.now();
  const name = `mutant.${mutant.id.replaceAll(/[^a-zA-Z0-9]+/g, '.').toLowerCase()}`;
  await using specimen = await openSpecimen(
    ground,
    name,
    { mutants: [mutant], trace: null },
    { parallel: 1, baseline: baseline.ready },
  );
  const runs = baseline.runs.filter(({ config }) => baseline.coverage.reaches(config, mutant));
  const { state, laboratory, ran } = specimen;
  const broken: string[] = [];
  let kill: Kill | undefined;
  let released: Kill | undefined;
  if (state.kind === 'import-failed') {
    kill = { property: 'runs', phase: 'import', message: `${state.failure.type}: ${state.failure.message}`, cells: 0 };
  } else if (state.kind !== 'ready') {
    broken.push(state.reason);
  } else {
    for (const run of runs) {
      const { violations, verdict } = await judgeRun(laboratory, state.ready, run);
      if (verdict.kind === 'broken') broken.push(verdict.reason);
      const known = baseline.violations.get(canonicalConfig(run.config));
      const news = violations.filter(({ signatureId }) => known?.has(signatureId) !== true);
      const [other, comparison] = [news.find((each) => !isComparison(each)), news.find(isComparison)];
      if (comparison !== undefined) released ??= killOf(comparison, run, ran());
      if (other !== undefined) kill = killOf(other, run, ran());
      if (kill !== undefined) break;
    }
  }
  return {
    mutant,
    ...(kill === undefined ? {} : { kill }),
    ...(released === undefined ? {} : { released }),
    reaching: runs.length,
    cells: ran(),
    ms: performance.now() - began,
    broken,
  };
};

const isComparison = ({ signature }: Violation): boolean => signature.property === releaseProperty;

const killOf = ({ signature }: Violation, { config }: MutantRun, cells: number): Kill => ({
  property: signature.property,
  phase: signature.phase,
  message: `${signature.exception}: ${signature.message}`,
  config,
  cells,
});
