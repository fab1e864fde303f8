import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { openStore, sweep } from '../../containers/local/environment-store.ts';
import { ResultsFolder } from '../results-folder.ts';
import { print, resultsOption } from './command.ts';

/** `peft-matrix clean`: removes what interrupted runs left; with `--everything`, what has been found as well. */
export const cleanCommand = (): CommandUnknownOpts =>
  new Command('clean')
    .description('remove what interrupted runs left behind; environments: see `env prune`')
    .option('--everything', 'the ledger and all campaigns too: every cell will be run anew')
    .option(...resultsOption)
    .action(async ({ everything, results }) => {
      await sweep(await openStore(process.env));
      print('Removed what was left of interrupted environment builds.');
      if (everything !== true) return;
      const folder = new ResultsFolder(results);
      await folder.remove();
      print(`Removed the ledger and the campaigns of ${folder.path}.`);
    });
