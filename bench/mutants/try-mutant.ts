import type { Violation } from '../../harness/find-failures.ts';
import { canonicalConfig, type Config } from '../../matrices/config.ts';
import { agreesWithRelease } from '../../properties/agrees-with-release.ts';
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
  /** The first kill. */
  readonly kill?: Kill;
  /** The first kill by a property that needs no other release. */
  readonly killAlone?: Kill;
  /** Cells that execute the line of the fault. */
  readonly reaching: number;
  /** Cells that were run. */
  readonly cells: number;
  readonly ms: number;
  /** What could not be asked, and why. */
  readonly broken: readonly string[];
}

/** Puts a mutant to the runs that reach it, one after the other, until a property that needs no other release sees it. */
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
  let killAlone: Kill | undefined;
  if (state.kind === 'import-failed') {
    kill = killAlone = {
      property: 'runs',
      phase: 'import',
      message: `${state.failure.type}: ${state.failure.message}`,
      cells: 0,
    };
  } else if (state.kind !== 'ready') {
    broken.push(state.reason);
  } else {
    for (const run of runs) {
      const { violations, verdict } = await judgeRun(laboratory, state.ready, run);
      if (verdict.kind === 'broken') broken.push(verdict.reason);
      const known = baseline.violations.get(canonicalConfig(run.config));
      const news = violations.filter(({ signatureId }) => known?.has(signatureId) !== true);
      const alone = news.find(({ signature }) => signature.property !== agreesWithRelease.id);
      const [first] = news;
      if (alone !== undefined) killAlone = killOf(alone, run, ran());
      kill ??= killAlone ?? (first === undefined ? undefined : killOf(first, run, ran()));
      if (killAlone !== undefined) break;
    }
  }
  return {
    mutant,
    ...(kill === undefined ? {} : { kill }),
    ...(killAlone === undefined ? {} : { killAlone }),
    reaching: runs.length,
    cells: ran(),
    ms: performance.now() - began,
    broken,
  };
};

const killOf = ({ signature }: Violation, { config }: MutantRun, cells: number): Kill => ({
  property: signature.property,
  phase: signature.phase,
  message: `${signature.exception}: ${signature.message}`,
  config,
  cells,
});
