import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { openStore, sweep } from '../../containers/local/environment-store.ts';
import { countOf } from '../../reports/text/count.ts';
import { ResultsFolder } from '../results-folder.ts';
import { print, resultsOption } from './command.ts';

/** `peft-matrix clean`: removes what interrupted runs left; with `--everything`, what has been found as well. */
export const cleanCommand = (): CommandUnknownOpts =>
  new Command('clean')
    .description('remove what interrupted runs left behind; environments and images: see `env prune`, `images prune`')
    .option('--everything', 'the ledger and all campaigns too: every cell will be run anew')
    .option(...resultsOption)
    .action(async ({ everything, results }) => {
      await sweep(await openStore(process.env));
      print('Removed what was left of interrupted environment builds.');
      print(await cleanEngine());
      if (everything !== true) return;
      const folder = new ResultsFolder(results);
      await folder.remove();
      print(`Removed the ledger and the campaigns of ${folder.path}.`);
    });

/** Without an engine there is nothing to clean, and that is no failure. */
const cleanEngine = async (): Promise<string> => {
  const [{ connectEngine }, { sweepContainers }] = await Promise.all([
    import('../../containers/docker/engine.ts'),
    import('../../containers/docker/sweep-containers.ts'),
  ]);
  const engine = await connectEngine().catch(() => undefined);
  if (engine === undefined) return 'No container engine answers: no containers were looked for.';
  const removed = await sweepContainers(engine, (message) => print(`warning: ${message}`));
  return removed === 0 ? 'No containers were left behind.' : `Removed ${countOf(removed, 'container')}.`;
};
