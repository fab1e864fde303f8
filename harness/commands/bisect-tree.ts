import { resolve } from 'node:path';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { InputError } from '../../matrices/errors.ts';
import { questionOf } from '../bisect/ask-pin.ts';
import { askTree, judgeTree, type TreeVerdict, type WorkedTree } from '../bisect/commit-trees.ts';
import { placeOf, type FailureRecord } from '../failure-record.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import { openLaboratory } from '../open-laboratory.ts';
import { ResultsFolder } from '../results-folder.ts';
import { startReporter } from '../start-reporter.ts';
import { executorOf, type ExecutorFlags } from './executor-options.ts';
import { packageOf } from './package-of.ts';
import { recordOf } from './replay.ts';
import { pathKind } from '../path-kind.ts';

export interface TreeFlags extends ExecutorFlags {
  readonly tree: string;
  readonly package?: string;
  readonly findFix?: true;
  readonly quiet?: true;
  readonly results: string;
}

/** Asks whether the source tree of a package shows a failure, in the words of `git bisect run`. */
export const bisectTree = (id: string, flags: TreeFlags): Promise<TreeVerdict> =>
  judgeTree(
    async () => {
      const results = new ResultsFolder(flags.results);
      const record = await recordOf(id, results);
      const tree = treeOf(record, flags);
      const executor = await executorOf({ ...placeOf(record), ...flags });
      const reporter = startReporter(flags.quiet === undefined ? {} : { quiet: flags.quiet });
      const onEvent = (event: Parameters<typeof reporter.on>[0]): void => reporter.on(event);
      using ledger = new Ledger(results.ledger);
      using interruption = interruptible(() => onEvent({ kind: 'interrupted', unplanned: true }));
      try {
        const catalogue = await loadCatalogue();
        await using open = openLaboratory({ catalogue, executor, ledger, onEvent, ...interruption });
        return await askTree(questionOf(record.config, record.signature), tree, { open, ledger, onEvent });
      } finally {
        reporter.close();
      }
    },
    flags.findFix === true ? 'fix' : 'break',
  );

const treeOf = (record: FailureRecord, { tree, package: given }: TreeFlags): WorkedTree => {
  const path = resolve(tree);
  if (pathKind(path) !== 'folder') {
    throw new InputError(`--tree ${tree}: there is no such folder. Expected the root of a source tree of the package`);
  }
  const { lock, name } = packageOf(record, given);
  return { lock, device: record.pin.device, package: name, path };
};
