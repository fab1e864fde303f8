import { localExecutor } from '../../containers/local/local-executor.ts';
import { withSurvey } from '../../harness/campaign.ts';
import { interruptible } from '../../harness/interruption.ts';
import { Ledger } from '../../harness/ledger.ts';
import { ResultsFolder } from '../../harness/results-folder.ts';
import { startReporter } from '../../harness/start-reporter.ts';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { formatConfig } from '../../matrices/config.ts';
import { loadMatrix } from '../../matrices/matrix.ts';
import { minimalForm } from '../../matrices/normalise.ts';
import { say } from '../say.ts';

/** What a cell came to. */
interface Ended {
  readonly verdict: string;
  /** Property, phase and signature of each violation. */
  readonly violations: readonly string[];
}

/** All cells of a plan, judged: cell in words to what it came to. */
export interface Side {
  readonly cells: ReadonlyMap<string, Ended>;
  readonly ms: number;
  /** Cut off: it says nothing of those that are missing. */
  readonly isInterrupted: boolean;
}

/** Runs and judges the cells of a matrix from an empty ledger. */
export const judgeAll = async (matrixPath: string, cells: number, resultsPath: string): Promise<Side> => {
  const catalogue = await loadCatalogue();
  const matrix = await loadMatrix(matrixPath, catalogue);
  const results = new ResultsFolder(resultsPath);
  await results.create();
  using ledger = new Ledger(results.ledger);
  using interruption = interruptible(() => say('interrupted: the cells that run are finished'));
  const reporter = startReporter({});
  const began = performance.now();
  try {
    return await withSurvey(
      {
        matrix: { ...matrix, budget: { cells, minutes: 600 } },
        matrixPath,
        resultsPath: results.path,
        catalogue,
        ledger,
        interruption,
        executor: localExecutor(),
        onEvent: (event) => reporter.on(event),
      },
      async ({ judged }) => ({
        ms: performance.now() - began,
        isInterrupted: interruption.stop.aborted,
        cells: new Map(
          judged.map(({ ready, config, verdict, violations }) => [
            `${ready.pin.id} ${formatConfig(minimalForm(catalogue.axes, config))}`,
            {
              verdict: verdict.kind,
              violations: violations
                .map(({ signature: { property, phase, message } }) => `${property}/${phase}: ${message}`)
                .toSorted(),
            },
          ]),
        ),
      }),
    );
  } finally {
    reporter.close();
  }
};

/** Cells that did not come to the same, each in words. */
export const differencesOf = (left: Side, right: Side): readonly string[] =>
  [...new Set([...left.cells.keys(), ...right.cells.keys()])].flatMap((name) => {
    const [one, other] = [inWords(left.cells.get(name)), inWords(right.cells.get(name))];
    return one === other ? [] : [`${name}: ${one}; then ${other}`];
  });

const inWords = (ended: Ended | undefined): string =>
  ended === undefined ? 'not run' : [ended.verdict, ...ended.violations].join(', ');
