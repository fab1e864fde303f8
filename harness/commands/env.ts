import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import type { StoredEnvironment } from '../../containers/local/environment-store.ts';
import { listEnvironments, pruneEnvironments, removeEnvironment } from '../../containers/local/environment-store.ts';
import { InputError } from '../../matrices/errors.ts';
import { neverAborted } from '../interruption.ts';
import type { Finish } from './command.ts';
import { msPerDay, print } from './command.ts';

const bytesPerGigabyte = 1e9;
/** `peft-matrix env list|prune|remove`: the environments in the cache. */
export const envCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('env')
    .description('list, prune and remove the environments that pins were built into')
    .addCommand(listCommand())
    .addCommand(pruneCommand())
    .addCommand(removeCommand(finish));

const listCommand = (): CommandUnknownOpts =>
  new Command('list')
    .description('every environment, most recently used first')
    .option('--json', 'as JSON')
    .action(async ({ json }) => {
      const environments = await listEnvironments(process.env, neverAborted);
      if (json === true) print(JSON.stringify(environments, null, 2));
      else print(environments.length === 0 ? 'No environments.' : environments.map(describe).join('\n'));
    });

const pruneCommand = (): CommandUnknownOpts =>
  new Command('prune')
    .description('remove environments; those in use stay')
    .option('--all', 'every environment')
    .option('--days <number>', 'those not used for so many days', positiveNumber)
    .option('--limit <GB>', 'the least recently used, until the rest takes no more than this', positiveNumber)
    .action(async ({ all, days, limit }) => {
      if (all !== true && days === undefined && limit === undefined) {
        throw new InputError('env prune: say what to remove: --all, --days N or --limit GB');
      }
      const options = {
        all: all === true,
        ...(days === undefined ? {} : { unusedForMs: days * msPerDay }),
        ...(limit === undefined ? {} : { limitBytes: limit * bytesPerGigabyte }),
      };
      const { removed, kept } = await pruneEnvironments(options, process.env, neverAborted);
      for (const environment of removed) print(`removed ${describe(environment)}`);
      for (const environment of kept) print(`kept, in use: ${describe(environment)}`);
      if (removed.length + kept.length === 0) print('Nothing to remove.');
    });

const removeCommand = (finish: Finish): CommandUnknownOpts =>
  new Command('remove')
    .description('remove one environment')
    .argument('<id>', 'as `env list` shows it')
    .action(async (id) => {
      const known = await listEnvironments(process.env, neverAborted);
      if (!known.some((environment) => environment.id === id)) {
        throw new InputError(
          `env remove: there is no environment ${id}; there are: ${known.map((one) => one.id).join(', ') || 'none'}`,
        );
      }
      const isGone = await removeEnvironment(id, process.env);
      print(isGone ? `removed ${id}` : `kept ${id}: it is in use`);
      if (!isGone) finish(3);
    });

const describe = ({ id, lock, sizeBytes, lastUsedAt, inUse }: StoredEnvironment): string => {
  const { peft = '-', torch = '-', transformers = '-' } = lock.packages;
  const size = `${(sizeBytes / bytesPerGigabyte).toFixed(2)} GB`;
  const use = inUse ? 'in use' : `last used ${lastUsedAt.slice(0, 10)}`;
  return `${id}  peft ${peft}  torch ${torch}  transformers ${transformers}  python ${lock.python}  ${size}  ${use}`;
};

const positiveNumber = (text: string): number => {
  const value = Number(text);
  if (!(value >= 0) || text.trim() === '') throw new InputError(`expected a number of 0 or more, not "${text}"`);
  return value;
};
