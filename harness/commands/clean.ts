import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { openStore, sweep } from '../../containers/local/environment-store.ts';
import { InfrastructureError } from '../../matrices/errors.ts';
import { countOf } from '../../reports/text/count.ts';
import { isLedgerInUse } from '../ledger/is-ledger-in-use.ts';
import { ResultsFolder } from '../results-folder.ts';
import { print, resultsOption } from './command.ts';

/** `peft-matrix clean`: removes what interrupted runs left; with `--everything`, what has been found as well. */
export const cleanCommand = (): CommandUnknownOpts =>
  new Command('clean')
    .description('remove what interrupted runs left behind; environments and images: see `env prune`, `images prune`')
    .option('--everything', 'the ledger and all campaigns too: every cell will be run anew')
    .option(...resultsOption)
    .action(async ({ everything, results }) => {
      const folder = new ResultsFolder(results);
      if (everything === true && isLedgerInUse(folder.ledger)) {
        throw new InfrastructureError(
          `${folder.path} is in use: another peft-matrix has its ledger open. Nothing was removed; wait for its end, or stop it`,
        );
      }
      await sweep(await openStore(process.env));
      print('Removed what was left of interrupted environment builds.');
      print(await cleanEngine());
      if (everything !== true) return;
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
