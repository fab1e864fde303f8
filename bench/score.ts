import { Command } from '@commander-js/extra-typings';
import { localExecutor } from '../containers/local/local-executor.ts';
import { print, resultsOption } from '../harness/commands/command.ts';
import { interruptible } from '../harness/interruption.ts';
import { Ledger } from '../harness/ledger.ts';
import { ResultsFolder } from '../harness/results-folder.ts';
import { startReporter } from '../harness/start-reporter.ts';
import { loadCatalogue } from '../matrices/catalogue.ts';
import type { PinSpec } from '../matrices/pin-schema.ts';
import { describeScoring } from './score/describe-scoring.ts';
import { askPin } from './score/ask-pin.ts';
import { loadKnownBugs } from './score/known-bugs.ts';
import { renderScore, wantedShare } from './score/render-score.ts';
import { loadSetting, type Area } from './score/setting.ts';
import { keepSeen, loadSeen, pinsAskedFor, recall, seenFile, sightingsOf, signDigests } from './score/seen.ts';
import { loadSigns } from './score/signs.ts';
import { shareFound, tally, type Shrunk } from './score/tally.ts';
import { chosen, list } from './chosen.ts';
import { describeCommit } from './describe-bench.ts';
import { writeParts } from './results-file.ts';
import { runScript } from './run-script.ts';
import { say } from './say.ts';

interface Flags {
  readonly releases?: readonly string[];
  readonly areas?: readonly string[];
  readonly results: string;
  readonly write?: true;
}

const flags = new Command('score')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'which real bugs of PEFT the generator finds, on which releases; goes on where it stopped, and counts what other runs ' +
      `have kept in bench/score/seen; exit code 1 when it is under ${100 * wantedShare} %`,
  )
  .option('--releases <versions>', 'releases of PEFT, of those in bench/score/setting.yaml', list)
  .option('--areas <names>', 'areas of bench/score/setting.yaml', list)
  .option(...resultsOption)
  .option('--write', 'keep what was seen, and write the section of bench/RESULTS.md')
  .parse()
  .opts();

/** Asks every area of every pin, newest release first, and holds what was seen against the corpus. */
const main = async ({ releases, areas, results: path, write }: Flags): Promise<number> => {
  const catalogue = await loadCatalogue();
  const setting = await loadSetting(catalogue);
  const entries = await loadSigns(await loadKnownBugs(), catalogue);
  const pins = chosen(setting.pins, releases, ({ peft }) => String(peft), 'release').toReversed();
  const chosenAreas = chosen(setting.areas, areas, ({ name }) => name, 'area');
  const results = new ResultsFolder(path);
  await results.create();
  using ledger = new Ledger(results.ledger);
  using interruption = interruptible(() => say('interrupted: the cells that run are finished'));
  const seen = await loadSeen(entries);
  const recalled = (): readonly Shrunk[] => [...seen.values()].flatMap((each) => recall(each, entries));
  const ask = async (pin: PinSpec, area: Area): Promise<void> => {
    const reporter = startReporter({});
    const began = performance.now();
    const smallest = new Set(recalled().flatMap(({ sign, minimal }) => (minimal === undefined ? [] : [sign])));
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
        (sign) => !smallest.has(sign),
      );
      const { planned, ran, isComplete, versions } = answer;
      const sightings = sightingsOf(answer, entries);
      say(
        `${area.name} on peft ${pin.peft}, transformers ${pin.transformers}: ${planned} runs planned, ${ran} run now, ` +
          `${isComplete ? '' : 'NOT '}complete; seen: ${sightings.map(({ bug }) => bug).join(', ') || 'nothing'}`,
      );
      if (interruption.stop.aborted) return;
      const file = seenFile(pin, area);
      seen.set(file, {
        area: area.name,
        on: new Date().toISOString().slice(0, 10),
        commit: await describeCommit(),
        signs: signDigests(entries),
        ...(versions === undefined ? {} : { versions: { ...versions } }),
        planned,
        ran,
        minutes: (performance.now() - began) / 60_000,
        isComplete,
        sightings,
      });
      const kept = seen.get(file);
      if (write === true && kept !== undefined) await keepSeen(file, kept);
    } finally {
      reporter.close();
    }
  };
  for (const pin of pins) {
    for (const area of chosenAreas) if (!interruption.stop.aborted) await ask(pin, area);
  }
  const all = [...seen.values()];
  const scores = tally(entries, (bug) => pinsAskedFor(all, setting.areas.length, bug), recalled());
  const text = renderScore(scores, describeScoring(all));
  print(text);
  if (write === true) await writeParts(new Map([['score', text]]));
  if (interruption.stop.aborted) return 130;
  return shareFound(scores) >= wantedShare ? 0 : 1;
};

await runScript(() => main(flags));
