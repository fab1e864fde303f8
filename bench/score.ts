import { Command } from '@commander-js/extra-typings';
import { localExecutor } from '../containers/local/local-executor.ts';
import { print, resultsOption } from '../harness/commands/command.ts';
import { interruptible } from '../harness/interruption.ts';
import { Ledger } from '../harness/ledger.ts';
import { ResultsFolder } from '../harness/results-folder.ts';
import { startReporter } from '../harness/start-reporter.ts';
import { loadCatalogue } from '../matrices/catalogue.ts';
import { InputError, PeftMatrixError } from '../matrices/errors.ts';
import type { PinSpec } from '../matrices/pin-schema.ts';
import type { Versions } from '../matrices/pin.ts';
import { describeScoring } from './score/describe-scoring.ts';
import { askPin } from './score/ask-pin.ts';
import { loadKnownBugs } from './score/known-bugs.ts';
import { renderScore, wantedShare } from './score/render-score.ts';
import { loadSetting, type Area } from './score/setting.ts';
import { loadSigns, type Sign } from './score/signs.ts';
import { shareFound, tally, type Shrunk } from './score/tally.ts';
import { writeParts } from './results-file.ts';
import { say } from './say.ts';

interface Flags {
  readonly only?: readonly string[];
  readonly releases?: readonly string[];
  readonly areas?: readonly string[];
  readonly results: string;
  readonly write?: true;
}

const list = (text: string): readonly string[] => text.split(',').map((part) => part.trim());

const flags = new Command('score')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'which real bugs of PEFT the generator finds, on which releases; goes on where it stopped; ' +
      `exit code 1 when it is under ${100 * wantedShare} %`,
  )
  .option('--only <ids>', 'entries of bench/corpus/known-bugs.yaml', list)
  .option('--releases <versions>', 'releases of PEFT, of those in bench/score/setting.yaml', list)
  .option('--areas <names>', 'areas of bench/score/setting.yaml', list)
  .option(...resultsOption)
  .option('--write', 'write the section of bench/RESULTS.md')
  .parse()
  .opts();

/** Asks every area of every pin, newest release first, and holds what was seen against the corpus. */
const main = async ({ only, releases, areas, results: path, write }: Flags): Promise<number> => {
  const catalogue = await loadCatalogue();
  const setting = await loadSetting(catalogue);
  const entries = chosen(await loadSigns(await loadKnownBugs(), catalogue), only, ({ id }) => id, 'entry');
  const pins = chosen(setting.pins, releases, ({ peft }) => String(peft), 'release').toReversed();
  const chosenAreas = chosen(setting.areas, areas, ({ name }) => name, 'area');
  const results = new ResultsFolder(path);
  await results.create();
  using ledger = new Ledger(results.ledger);
  using interruption = interruptible(() => say('interrupted: the cells that run are finished'));
  const asked = new Map<PinSpec, Versions>();
  const sightings: Shrunk[] = [];
  const isWanted = (sign: Sign): boolean =>
    !sightings.some((sighting) => sighting.sign === sign && sighting.minimal !== undefined);
  const ask = async (pin: PinSpec, area: Area): Promise<number> => {
    const reporter = startReporter({});
    try {
      const answer = await askPin(
        {
          matrix: area.matrixOf(pin),
          matrixPath: setting.path,
          resultsPath: results.path,
          catalogue,
          ledger,
          interruption,
          executor: localExecutor(),
          onEvent: (event) => reporter.on(event),
        },
        entries,
        isWanted,
      );
      if (answer.versions !== undefined) asked.set(pin, answer.versions);
      sightings.push(...answer.sightings);
      say(
        `${area.name} on peft ${pin.peft}, transformers ${pin.transformers}: ${answer.planned} runs planned, ${answer.ran} run now, ` +
          `${answer.isComplete ? '' : 'NOT '}complete; seen: ${answer.sightings.map(({ bug }) => bug).join(', ') || 'nothing'}`,
      );
      return answer.ran;
    } finally {
      reporter.close();
    }
  };
  const began = performance.now();
  let ran = 0;
  for (const pin of pins) {
    for (const area of chosenAreas) if (!interruption.stop.aborted) ran += await ask(pin, area);
  }
  const scores = tally(entries, [...asked.values()], sightings);
  const text = renderScore(scores, await describeScoring(asked.size, ran, performance.now() - began));
  print(text);
  if (interruption.stop.aborted) return 130;
  if (write === true) await writeParts(new Map([['score', text]]));
  return shareFound(scores) >= wantedShare ? 0 : 1;
};

/** Those that were named, in their order; all, if none were. Throws `InputError` for a name that is not there. */
const chosen = <Item>(
  all: readonly Item[],
  names: readonly string[] | undefined,
  nameOf: (item: Item) => string,
  kind: string,
): readonly Item[] => {
  const known = all.map(nameOf);
  const unknown = (names ?? []).filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new InputError(`There is no ${kind} ${unknown.join(', ')}. Allowed: ${[...new Set(known)].join(', ')}`);
  }
  return all.filter((item) => names?.includes(nameOf(item)) ?? true);
};

try {
  process.exitCode = await main(flags);
} catch (error) {
  if (!(error instanceof PeftMatrixError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
