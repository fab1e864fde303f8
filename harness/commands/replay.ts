import { existsSync } from 'node:fs';
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { loadCatalogue } from '../../matrices/catalogue.ts';
import { formatConfig } from '../../matrices/config.ts';
import { InfrastructureError, InputError } from '../../matrices/errors.ts';
import { oneLine } from '../../reports/text/safe-text.ts';
import { findFailureRecords, placeOf, type FailureRecord } from '../failure-record.ts';
import { interruptible } from '../interruption.ts';
import { Ledger } from '../ledger.ts';
import { replay, type Replayed } from '../replay.ts';
import { resultsWords } from '../results-words.ts';
import { ResultsFolder } from '../results-folder.ts';
import { startReporter } from '../start-reporter.ts';
import { print, resultsOption, type Finish } from './command.ts';
import { executorOf, withExecutorOptions, type ExecutorFlags } from './executor-options.ts';

/** `peft-matrix replay ID`: exit code 1 when the failure shows again, 0 when it does not. */
export const replayCommand = (finish: Finish): CommandUnknownOpts =>
  withExecutorOptions(new Command('replay'))
    .description('run the minimal cell of a failure again; exit code 1: it fails still, 0: it does not')
    .argument('<id>', 'id of the failure, or the beginning of it')
    .option('--cold', 'in processes that imported nothing beforehand')
    .option(...resultsOption)
    .action(async (id, flags: ReplayFlags) => {
      const record = await recordOf(id, new ResultsFolder(flags.results));
      const replayed = await replayWithProgress(record, flags);
      print(describe(record, replayed));
      finish(replayed.kind === 'passes' ? 0 : 1);
    });

interface ReplayFlags extends ExecutorFlags {
  readonly cold?: true;
  readonly results: string;
}

/** The one failure of the results whose id begins so. Throws `InputError` when there is none, or more than one. */
export const recordOf = async (id: string, results: ResultsFolder): Promise<FailureRecord> => {
  if (!existsSync(results.ledger)) {
    throw new InputError(
      `There is no campaign yet in ${results.path}. Start one: peft-matrix run${resultsWords(results.path)}`,
    );
  }
  using ledger = new Ledger(results.ledger);
  const records = id === '' ? [] : findFailureRecords(ledger, id);
  const [record] = records;
  if (record === undefined) {
    throw new InputError(
      `There is no failure ${id === '' ? 'without an id' : id} in ${results.path}. "peft-matrix show${resultsWords(results.path)}" lists those of the last run.`,
    );
  }
  if (records.length > 1) {
    throw new InputError(`${id} is the beginning of several ids: ${records.map((one) => one.id).join(', ')}`);
  }
  return record;
};

/** Where the failure was found, unless the flags say otherwise. */
const replayWithProgress = async (record: FailureRecord, flags: ReplayFlags): Promise<Replayed> => {
  const executor = await executorOf({ ...placeOf(record), ...flags });
  const reporter = startReporter({});
  using interruption = interruptible(() => reporter.on({ kind: 'interrupted', unplanned: true }));
  try {
    const replayed = await replay(record, {
      catalogue: await loadCatalogue(),
      executor,
      cold: flags.cold === true,
      onEvent: (event) => reporter.on(event),
      stop: interruption.stop,
    });
    if (replayed.kind === 'broken')
      throw new InfrastructureError(`${record.pin.id} could not be asked: ${replayed.reason}`);
    return replayed;
  } finally {
    reporter.close();
  }
};

const describe = (record: FailureRecord, replayed: Replayed): string => {
  const where = `${record.pin.id}: ${formatConfig(record.config)}`;
  switch (replayed.kind) {
    case 'same':
      return `${where}\n${record.id} fails again, signature ${record.signatureId}: ${oneLine(replayed.detail, 2_000)}`;
    case 'other':
      return `${where}\nfails, but not as ${record.id} did (signature ${record.signatureId}): ${oneLine(replayed.detail, 2_000)}`;
    case 'passes':
      return `${where}\n${record.id} does not fail any more.`;
    case 'broken':
      return replayed.reason;
  }
};
